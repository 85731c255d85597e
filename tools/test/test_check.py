# SPDX-License-Identifier: MIT
"""Tests the end of `make check`: its last lines say what failed, and why."""

import sys
import types

import pytest

from lethe import tap
from lethe.boot_tests import runner
from lethe.proof import check as proof
from lethe.proof.failures import Failures

UNIT = """ok 1 - unit/vp/one
# vp_test.c:12: a: got 0x1 want 0x2
not ok 2 - unit/vp/two
not ok 3 - unit/vp/three # hang
not ok 4 - unit/vp/four
"""
LINT = """lint: clang-format hv/main.c FAIL

hv/main.c:3:1: code should be clang-formatted
lint: 12 s
8 passed, 1 failed
"""
MUTANTS = """[1] no-kick killed
[2] no-fence LIVES: the mutant does not build:
cc: a thing
[3] no-drain killed
1 passed, 1 failed
"""
REPRODUCIBLE = """reproducible: rom/rom.bin ok
reproducible: hv/lethe.elf DIFFERS
1 passed, 1 failed
"""
FUZZ = """fuzz/config ok
    121 inputs
fuzz/elf FAIL
    ERROR: AddressSanitizer
    crash-elf-1
1 passed, 1 failed
"""
BENCH = """row                 min  median  none trace    KVM   bar   aim
unknown             195     200   176   188   1205   301   150  ok
both                370     400   334   357   2950   737   368  FAIL: 1.08 times
1 passed, 1 failed
"""


def boot(name, *rows, said=(), capsys=None):
    """What the boot tests print of one test."""
    outcome = types.SimpleNamespace(seconds=1.2, said=said)
    runner.report(1, 9, types.SimpleNamespace(name=name), rows, outcome)
    return capsys.readouterr().out


def texts(output, count):
    failures = Failures()
    for line in output.splitlines():
        failures.add(line)
    return failures.texts(count)


@pytest.mark.parametrize("output, wanted", (
    (UNIT, ["unit/vp/two (vp_test.c:12: a: got 0x1 want 0x2)",
            "unit/vp/three (hang)", "unit/vp/four"]),
    (LINT, ["clang-format hv/main.c (hv/main.c:3:1: code should be "
            "clang-formatted)"]),
    (MUTANTS, ["no-fence (the mutant does not build:)"]),
    (REPRODUCIBLE, ["hv/lethe.elf"]),
    (FUZZ, ["fuzz/elf (ERROR: AddressSanitizer)"]),
    (BENCH, ["both (1.08 times)"])),
    ids=("tap", "lint", "mutants", "reproducible", "fuzz", "bench"))
def test_form(output, wanted):
    assert texts(output, len(wanted)) == wanted


def test_boot_tests(capsys):
    output = boot("a-2", ("FAIL", "a-2: no ^x (y)", "found"),
                  ("PASS", "a-2: exit", ""),
                  ("FAIL", "a-2: s/one", "FAIL (x), expected PASS"),
                  said=("bochs ended with status 1", "kept in a"),
                  capsys=capsys)
    output += boot("b-2", ("PASS", "b-2: exit", ""), capsys=capsys)
    output += boot("a", ("FAIL", "a/case", "did not run"), capsys=capsys)
    assert texts(output + "boot tests: 3 in 4 s\n2 passed, 3 failed\n", 3) == [
        "a-2: no ^x (y) (found)",
        "a-2: s/one (FAIL (x), expected PASS; bochs ended with status 1; "
        "kept in a)",
        "a/case (did not run)"]


def test_a_result_that_no_line_names():
    assert texts("make: *** [x] Error 2\n\n", 1) == [
        "1 failed (last line: make: *** [x] Error 2)"]
    assert texts("not ok 1 - a # b\nend\n", 3) == [
        "a (b)", "2 more (last line: end)"]
    assert texts("", 1) == ["1 failed (it printed nothing)"]


def test_long_reasons_are_cut():
    text, = texts(f"not ok 1 - a # {'x' * 500}\n", 1)
    assert len(text) < 180 and text.endswith("x …)")


def step(name, output, status=1):
    code = f"print({output!r}, end=''); raise SystemExit({status})"
    return proof.Step(name, [sys.executable, "-c", code])


def last_lines(steps, capsys):
    """What run() prints below its table"""
    status = proof.run(steps)
    lines = capsys.readouterr().out.splitlines()
    row = max(number for number, line in enumerate(lines)
              if line.startswith(steps[-1].name))
    return status, lines[row + 1:]


def test_the_end(capsys):
    steps = [step("unit", UNIT), step("spin", "1 passed, 0 failed\n", 0),
             step("nested", "", 2)]
    assert last_lines(steps, capsys) == (1, [
        "FAIL unit: unit/vp/two (vp_test.c:12: a: got 0x1 want 0x2)",
        "FAIL unit: unit/vp/three (hang)",
        "FAIL unit: unit/vp/four",
        "FAIL nested: 1 failed (it printed nothing)",
        "2 passed, 4 failed"])


def test_nothing_failed(capsys):
    assert last_lines([step("unit", "ok 1 - a\n", 0)], capsys) == (
        0, ["1 passed, 0 failed"])


def test_more_than_there_is_room_for(capsys):
    lines = []
    out = tap.Writer(lines.append)
    for number in range(proof.FAILURES_SHOWN + 3):
        out.line(False, f"n{number}")
    _, shown = last_lines([step("unit", "\n".join(lines) + "\n")], capsys)
    assert shown == [*(f"FAIL unit: n{number}"
                       for number in range(proof.FAILURES_SHOWN)),
                     "FAIL: 3 more, above", "0 passed, 15 failed"]


WAITS = """import pathlib, time
pathlib.Path({mine!r}).touch()
for _ in range(600):
    if pathlib.Path({other!r}).exists():
        print("ok 1 - together")
        break
    time.sleep(0.1)
else:
    print("not ok 1 - together")
"""


def test_nested_runs_beside_the_others(capsys, tmp_path):
    def waits(name, other):
        code = WAITS.format(mine=str(tmp_path / name),
                            other=str(tmp_path / other))
        return proof.Step(name, [sys.executable, "-c", code])

    assert "nested" in proof.BESIDE and "spin" not in proof.BESIDE
    steps = [step("build", "", 0), waits("spin", "nested"),
             waits("nested", "spin"), step("status", "ok 1 - a\n", 0)]
    assert proof.run(steps) == 0
    lines = [line for line in capsys.readouterr().out.splitlines()
             if line.startswith("== ")]
    # each step's lines are together, in the steps' order
    assert [line.split()[1].strip(":") for line in lines] == [
        name for name in ("build", "spin", "nested", "status")
        for _ in range(2)]


def test_nothing_runs_after_a_build_that_failed(capsys):
    steps = [step("build", "", 2), step("spin", "ok 1 - a\n", 0),
             step("nested", "ok 1 - a\n", 0)]
    assert proof.run(steps) == 1
    assert "== nested" not in capsys.readouterr().out
