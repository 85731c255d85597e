# SPDX-License-Identifier: MIT
"""Measures which lines of hv/core and hv/common the host tests reach, with gcov
and gcovr.

Prints each file with lines that are not reached, and fails if less than 95 %
of all lines are reached. Exclusion marks have no effect: gcovr leaves out the
lines that they mark, but this tool counts those as not reached. The last line
is `N passed, N failed`.
"""

import json
import os
import pathlib
import re
import subprocess

from lethe import cli

LEAST = 95.0  # percent of lines
# memory_map is the part of the test guest's loader that has host tests
MEASURED = ("hv/core/", "hv/common/", "boot/guest/memory_map")
MARK = re.compile(r"[GL]COV(?:R)?_EXCL")


def measure(build):
    """gcovr's lines by file: {file: {line: count}}"""
    folder = pathlib.Path(build) / "coverage"
    subprocess.run(["make", "--no-print-directory", "-j2", "CC=gcc",
                    f"O={build}", str(folder / "unit")], check=True,
                   stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL,
                   env=dict(os.environ, MAKEFLAGS=""))
    for path in folder.rglob("*.gcda"):
        path.unlink()
    tests = subprocess.run([folder / "unit"], stdin=subprocess.DEVNULL,
                           stdout=subprocess.PIPE, check=False)
    if tests.returncode != 0:
        raise cli.Wrong("expected the unit tests to pass, found failures: "
                        "`make unit` shows them")
    words = [word for part in MEASURED for word in ("--filter", part)]
    # these two folders only: others may have objects of an older tree
    report = subprocess.run(
        ["gcovr", "--root", ".", *words, "--json",
         "--object-directory", str(folder), str(folder / "hv"),
         str(folder / "boot")],
        check=True, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
    return {entry["file"]: {line["line_number"]: line["count"]
                            for line in entry["lines"]
                            if not line["gcovr/noncode"]}
            for entry in json.loads(report.stdout)["files"]}


def add_marked(lines, name):
    """Counts lines with exclusion marks as not reached: gcovr leaves out a
    marked line, and all lines of a marked region."""
    text = pathlib.Path(name).read_text().splitlines()
    inside = False
    for number, line in enumerate(text, 1):
        marked = MARK.search(line)
        inside = (inside or bool(marked)) and "_EXCL_STOP" not in line
        if inside or marked:
            lines[number] = 0
        if marked and "_EXCL_LINE" in line:
            inside = False


def spans(numbers):
    """[1, 2, 3, 7] → 1-3 7"""
    parts = []
    for number in sorted(numbers):
        if parts and parts[-1][1] == number - 1:
            parts[-1][1] = number
        else:
            parts.append([number, number])
    return " ".join(f"{a}-{b}" if a != b else str(a) for a, b in parts)


def main():
    parser = cli.Parser("coverage", __doc__, build=True)
    args = parser.parse_args()
    total = reached = 0
    for name, lines in sorted(measure(args.build).items()):
        add_marked(lines, name)
        missed = [number for number, count in lines.items() if count == 0]
        total += len(lines)
        reached += len(lines) - len(missed)
        if missed:
            print(f"{name}: {len(missed)} of {len(lines)} not reached: "
                  f"{spans(missed)}")
    percent = 100 * reached / max(total, 1)
    ok = percent >= LEAST
    print(f"coverage: {percent:.2f} % of {total} lines of hv/core and "
          f"hv/common (at least {LEAST:.0f})")
    print(f"{int(ok)} passed, {int(not ok)} failed")
    return 0 if ok else 1


if __name__ == "__main__":
    cli.main("coverage", main)
