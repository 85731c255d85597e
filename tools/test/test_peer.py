# SPDX-License-Identifier: MIT
"""Tests how lethe.peer judges results, without a run: a deviation is known only
with the values of its row."""

import pytest

from lethe.docs import svg
from lethe.peer import known, run as peer

TABLE = r"""
[peer]
name = "KVM"
versions = ' 6\.1\.'
[[known]]
checks = ["s/two", "s/other"]
values = ['status: 0x0, not 0x4', 'reps: 0x\w+, not 0x0']
why = "because"
right = "open"
because = "nothing is said"
"""
RUN = """# guest-test 0.1.0 suite=s cpus=2
ok 1 - start/processors
# status: 0x0, not 0x4 vp 0
# reps: 0x1fe, not 0x0 vp 1
not ok 2 - s/two
ok 3 - s/three # SKIP no test call
1..3
# SUMMARY passed=1 failed=1 skipped=1
# status 1
"""
CHANGES = (
    # a text of RUN, the text that replaces it, what then fails, why
    ("0x0, not 0x4", "0x3, not 0x4", "s: s/two", "known with other values"),
    ("# reps: 0x1fe, not 0x0 vp 1\n", "", "s: s/two",
     "known with other values"),
    ("# reps: 0x1fe", "# stale: 0x1, not 0x0 vp 1\n# reps: 0x1fe", "s: s/two",
     "known with other values"),
    ("not ok 2", "ok 2", "s: s/two", "passes, but"),
    ("not ok 2 - s/two", "not ok 2 - s/two # hang", "s: s/two", "hang"),
    ("ok 1 - start", "not ok 1 - start", "s: start/processors", ""),
    ("1..3\n", "", "s: tap", "no plan"),
    ("# status 1", "# status 125", "s: status", "125"),
)
WAS = {"start/processors": "PASS", "s/two": "KNOWN", "s/three": "SKIP"}


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "known.toml"
    path.write_text(TABLE)
    return known.Known(path)


def failures(table, text):
    rows, _ = peer.judge_text(table, "s", text)
    return [(name, why) for state, name, why in rows if state == "FAIL"]


def test_the_known_value(table):
    assert failures(table, RUN) == []


@pytest.mark.parametrize("old, new, name, why", CHANGES,
                         ids=[f"{row[0]!r} as {row[1]!r}" for row in CHANGES])
def test_changed(table, old, new, name, why):
    assert old in RUN
    (failed, said), = failures(table, RUN.replace(old, new, 1))
    assert failed == name and why in said


def test_as_accepted(table):
    _, states = peer.judge_text(table, "s", RUN)
    assert list(peer.compare("s", states, WAS)) == []


@pytest.mark.parametrize("check, state", (("s/two", "PASS"),
                                          ("s/three", "PASS"),
                                          ("s/more", "PASS")))
def test_other_than_accepted(table, check, state):
    _, states = peer.judge_text(table, "s", RUN)
    (_, name, _), = peer.compare("s", states, {**WAS, check: state})
    assert check in name


def not_passed(lethe, kvm):
    return [row[1] for row in peer.compare_bench(2, lethe, kvm)
            if row[0] != "PASS"]


@pytest.fixture
def bench():
    """Rows of Lethe, with a quarter of KVM's median, and rows of KVM."""
    return (dict.fromkeys(peer.ROWS, (25, 25)),
            dict.fromkeys(peer.ROWS, (10, 100)))


def test_a_quarter(bench):
    assert not_passed(*bench) == []


def test_more_than_a_quarter(bench):
    bench[0]["self"] = (20, 26)
    assert not_passed(*bench) == ["bench-2: self"]


def test_a_missing_row(bench):
    bench[0]["self"] = (20, 26)
    del bench[1]["all"]
    assert not_passed(*bench) == ["bench-2: self", "bench-2: all"]


@pytest.fixture
def chart():
    return svg.chart("T", "x", ["a", "b"], "y", [svg.Line("l", [1, 99]),
                                                 svg.Line("m", [5, None])])


def test_a_point_for_each_value(chart):
    assert chart.count("<circle") == 3


def test_the_scale_holds_the_highest(chart):
    assert ">100<" in chart


def test_steps():
    assert [svg.step_of(top) for top in (5, 6, 99, 100, 101, 3475)] == \
        [1, 2, 20, 20, 50, 1000]
