# SPDX-License-Identifier: MIT
"""Runs all checks that have to pass before a change lands, one after the other.

Prints how many seconds each step takes. The last line is `N passed, N failed`,
the sum of the results of all steps. A step that fails without a failed result
of its own counts as one failure.
"""

from lethe import cli  # first: until it has run, Ctrl-C gives a traceback

import os
import re
import subprocess
import sys
import time

from lethe import tap
from lethe.boot_tests import tables

JOBS = "-j2"
COUNT = re.compile(r"^(\d+) passed, (\d+) failed$")

PY = sys.executable
FULL = ("build", "lint", "unit", "unit-clang", "coverage", "explore", "spin",
        "fuzz", "reproducible", "kvm-run", "first hour", "debug",
        "boot tests", "mutants", "bench", "tools", "nested", "status")
QUICK = ("build", "lint", "unit", "boot")


def commands(build):
    quick = [test.name for test in tables.load() if test.quick]

    def tool(module):
        return [PY, "-m", f"lethe.{module}", "--build", build]

    pytest = [PY, "-m", "pytest", "--build", build]
    make = ["make", "--no-print-directory", JOBS, f"O={build}"]
    return {
        "build": [*make, "all"],
        "lint": tool("lint"),
        "unit": [*make, "unit"],
        "unit-clang": [*make, "unit-clang"],
        "coverage": tool("proof.core_coverage"),
        "explore": [*make, "explore"],
        "spin": [*tool("proof.spin"), JOBS],
        "fuzz": [*make, "fuzz-short"],
        "reproducible": tool("proof.reproducible"),
        "kvm-run": [*make, "kvm-run-test"],
        "boot": [*tool("boot_tests"), JOBS, "--exact", *quick],
        "boot tests": [*tool("boot_tests"), JOBS],
        "mutants": [*tool("proof.mutants"), JOBS],
        "first hour": [*pytest, "tools/test/first_hour"],
        "debug": [*make, "debug-test"],
        "bench": tool("measure.bench"),
        "tools": [*pytest, "tools/test/test_linux.py",
                  "tools/test/test_repeated.py", "tools/test/test_tables.py",
                  "tools/test/test_tap.py"],
        "nested": tool("nested"),
        "status": [*tool("lint"), "--status"],
    }


class Step:
    """Runs one command, shows its lines and counts its results."""

    def __init__(self, name, command):
        self.name = name
        # The step ends when this process ends, even by SIGKILL
        self.command = ["setpriv", "--pdeathsig", "TERM", "--", *command]
        self.passed = self.failed = 0
        self.seconds = 0.0

    def count(self, line):
        found = COUNT.match(line)
        if found:
            self.passed += int(found[1])
            self.failed += int(found[2])
        elif tap.result(line):
            good = tap.result(line).state != "FAIL"
            self.passed += good
            self.failed += not good

    def run(self):
        print(f"== {self.name}", flush=True)
        begin = time.monotonic()
        with subprocess.Popen(self.command, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, text=True,
                              stderr=subprocess.STDOUT, errors="replace",
                              env=cli.without_make(os.environ)) as process:
            try:
                for line in process.stdout:
                    # Results that passed are counted, not printed
                    check = tap.result(line.rstrip("\n"))
                    if not check or check.state == "FAIL":
                        print(line, end="", flush=True)
                    self.count(line.rstrip("\n"))
            except BaseException:
                process.terminate()
                process.wait()
                raise
        if process.returncode != 0 and self.failed == 0:
            self.failed = 1
        if process.returncode == 0 and self.passed == 0:
            self.passed = 1  # a step that prints no results: the build
        self.seconds = time.monotonic() - begin
        print(f"== {self.name}: {self.seconds:.0f} s, {self.passed} passed, "
              f"{self.failed} failed", flush=True)


def run(steps, failed=0):
    """Runs the steps, prints a table of them and the sums; returns the exit
    status. `failed`: the number of failures before the first step."""
    for step in steps:
        step.run()
        if step.name == "build" and step.failed:
            break
    print("\nstep            seconds  passed  failed")
    for step in steps:
        print(f"{step.name:14}{step.seconds:9.0f}{step.passed:8}"
              f"{step.failed:8}")
    passed = sum(step.passed for step in steps)
    failed += sum(step.failed for step in steps)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


def main():
    parser = cli.Parser("check", __doc__, build=True)
    parser.add_argument("--quick", action="store_true",
                        help="lint, unit tests, a few boot tests")
    args = parser.parse_args()
    known = commands(args.build)
    steps = [Step(name, known[name])
             for name in (QUICK if args.quick else FULL)]
    return run(steps)


if __name__ == "__main__":
    cli.main("check", main)
