# SPDX-License-Identifier: MIT
"""Checks how peer/run.py judges, without a run: a known deviation is one
only with its own values. Prints TAP."""

import contextlib
import pathlib
import tempfile

from lethe import cli
from lethe.docs import svg
from lethe.peer import known, run as peer

TABLE = """
[peer]
name = "KVM"
versions = ' 6\\\\.1\\\\.'
[[known]]
checks = ["s/two", "s/other"]
values = ['status: 0x0, not 0x4', 'reps: 0x\\\\w+, not 0x0']
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
    # what is changed in RUN, what then fails, why
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


def failures(table, text):
    rows, _ = peer.judge_text(table, "s", text)
    return [(name, why) for state, name, why in rows if state == "FAIL"]


def judge_checks(table):
    yield "the known value", failures(table, RUN) == []
    for old, new, name, why in CHANGES:
        assert old in RUN
        found = failures(table, RUN.replace(old, new, 1))
        yield f"{old!r} as {new!r}", len(found) == 1 and \
            found[0][0] == name and why in found[0][1]


def compare_checks(table):
    _, states = peer.judge_text(table, "s", RUN)
    was = {"start/processors": "PASS", "s/two": "KNOWN", "s/three": "SKIP"}
    yield "as accepted", list(peer.compare("s", states, was)) == []
    for check, state in (("s/two", "PASS"), ("s/three", "PASS"),
                         ("s/more", "PASS")):
        found = list(peer.compare("s", states, {**was, check: state}))
        yield f"{check} was {state}", len(found) == 1 and check in found[0][1]


def compared(lethe, kvm):
    """The rows that did not pass."""
    with contextlib.redirect_stdout(None):
        rows = list(peer.compare_bench(2, lethe, kvm))
    return [row[1] for row in rows if row[0] != "PASS"]


def bar_checks(_):
    lethe = dict.fromkeys(peer.ROWS, (25, 25))
    kvm = dict.fromkeys(peer.ROWS, (10, 100))
    yield "a quarter", compared(lethe, kvm) == []
    lethe["self"] = (20, 26)
    yield "more than a quarter", compared(lethe, kvm) == ["bench-2: self"]
    del kvm["all"]
    yield "a missing row", compared(lethe, kvm) == ["bench-2: self",
                                                    "bench-2: all"]


def chart_checks(_):
    text = svg.chart("T", "x", ["a", "b"], "y", [svg.Line("l", [1, 99]),
                                                 svg.Line("m", [5, None])])
    yield "a point for each value", text.count("<circle") == 3
    yield "the scale holds the highest", ">100<" in text
    yield "steps", [svg.step_of(top) for top in (5, 6, 99, 100, 101, 3475)] \
        == [1, 2, 20, 20, 50, 1000]


def main():
    number = failed = 0
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "known.toml"
        path.write_text(TABLE.replace("\\\\", "\\"))
        table = known.Known(path)
    for group in (judge_checks, compare_checks, bar_checks, chart_checks):
        for name, ok in group(table):
            number += 1
            failed += not ok
            print(f"{'ok' if ok else 'not ok'} {number} - "
                  f"{group.__name__[:-7]}: {name}")
    print(f"1..{number}")
    return 1 if failed else 0


if __name__ == "__main__":
    cli.main("peer_selftest", main)
