# SPDX-License-Identifier: MIT
"""Runs all checks that have to pass before a change lands.

The steps run one after the other. Those in BESIDE, which need one CPU each and
build nothing, run one after the other beside all of these; what they print
comes when it is their turn.

Prints how many seconds each step takes, then the first failed results once
more, as `FAIL step: name (reason)`. The last line is `N passed, N failed`, the
sum of the results of all steps. A step that fails without a failed result of
its own counts as one failure.
"""

from lethe import cli  # first: until it has run, Ctrl-C gives a traceback

import os
import queue
import re
import subprocess
import sys
import threading
import time

from lethe import tap
from lethe.boot_tests import tables
from lethe.proof.failures import Failures

JOBS = "-j2"
FAILURES_SHOWN = 12
COUNT = re.compile(r"^(\d+) passed, (\d+) failed$")

PY = sys.executable
FULL = ("build", "lint", "unit", "unit-clang", "coverage", "explore", "spin",
        "fuzz", "reproducible", "kvm-run", "trace", "first hour", "debug",
        "gdb", "boot tests", "console", "mutants", "bench", "tools", "nested",
        "linux", "linux run", "status")
QUICK = ("build", "lint", "unit", "boot")
BESIDE = ("nested", "gdb", "console")


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
        "trace": [*make, "trace-test"],
        "boot": [*tool("boot_tests"), JOBS, "--exact", *quick],
        "boot tests": [*tool("boot_tests"), JOBS],
        "console": tool("console_tests"),
        "mutants": [*tool("proof.mutants"), JOBS],
        "first hour": [*pytest, "tools/test/first_hour"],
        "debug": [*make, "debug-test"],
        "bench": [*make, "bench"],
        "gdb": tool("gdb_tests"),
        "tools": [*pytest, "tools/test/test_check.py",
                  "tools/test/test_guest_acpi.py",
                  "tools/test/test_kallsyms.py",
                  "tools/test/test_linux.py",
                  "tools/test/test_linux_bench.py",
                  "tools/test/test_linux_guest.py",
                  "tools/test/test_linux_patch.py",
                  "tools/test/test_linux_traced.py",
                  "tools/test/test_printed.py",
                  "tools/test/test_repeated.py",
                  "tools/test/test_sanitize.py",
                  "tools/test/test_shared_cpus.py",
                  "tools/test/test_symbolise.py",
                  "tools/test/test_tables.py", "tools/test/test_tap.py",
                  "tools/test/test_two_lines.py"],
        "nested": tool("nested"),
        "linux": tool("linux_guest"),
        "linux run": [*pytest, "tools/test/linux_run"],
        "status": [*tool("lint"), "--status"],
    }


def show(line):
    print(line, flush=True)


class Step:
    """Runs one command, shows its lines and counts its results."""

    def __init__(self, name, command):
        self.name = name
        # The step ends when this process ends, even by SIGKILL
        self.command = ["setpriv", "--pdeathsig", "TERM", "--", *command]
        self.passed = self.failed = 0
        self.seconds = 0.0
        self.failures = Failures()

    def count(self, line):
        found = COUNT.match(line)
        if found:
            self.passed += int(found[1])
            self.failed += int(found[2])
        elif tap.result(line):
            good = tap.result(line).state != "FAIL"
            self.passed += good
            self.failed += not good

    def run(self, show=show):
        """Results that passed are counted, not shown."""
        show(f"== {self.name}")
        begin = time.monotonic()
        with subprocess.Popen(self.command, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, text=True,
                              stderr=subprocess.STDOUT, errors="replace",
                              env=cli.without_make(os.environ)) as process:
            try:
                for line in (line.rstrip("\n") for line in process.stdout):
                    check = tap.result(line)
                    if not check or check.state == "FAIL":
                        show(line)
                    self.count(line)
                    self.failures.add(line)
            except BaseException:
                process.terminate()
                process.wait()
                raise
        if process.returncode != 0 and self.failed == 0:
            self.failed = 1
        if process.returncode == 0 and self.passed == 0:
            self.passed = 1  # a step that prints no results: the build
        self.seconds = time.monotonic() - begin
        show(f"== {self.name}: {self.seconds:.0f} s, {self.passed} passed, "
             f"{self.failed} failed")


class Lane:
    """Runs steps one after the other in a thread. The process ends without
    them if it ends early."""

    def __init__(self, steps):
        self.lines = {step.name: queue.Queue() for step in steps}
        self.thread = threading.Thread(target=self.work, args=(steps,),
                                       daemon=True)

    def work(self, steps):
        for step in steps:
            lines = self.lines[step.name]
            try:
                step.run(lines.put)
            except OSError as error:
                step.failed = 1
                lines.put(f"{step.name}: {error}")
            lines.put(None)

    def show(self, step):
        """Shows what the step prints until it has ended."""
        for line in iter(self.lines[step.name].get, None):
            show(line)


def run_lanes(steps):
    lane = Lane([step for step in steps if step.name in BESIDE])
    lane.thread.start()
    for step in steps:
        if step.name in BESIDE:
            lane.show(step)
        else:
            step.run()


def failed_again(steps):
    """Lines that name the failed results, so that the end of a log says what
    failed."""
    lines = [f"FAIL {step.name}: {text}" for step in steps
             for text in step.failures.texts(step.failed)]
    more = len(lines) - FAILURES_SHOWN
    return [*lines[:FAILURES_SHOWN],
            *([f"FAIL: {more} more, above"] if more > 0 else [])]


def run(steps, failed=0):
    """Runs the steps, prints a table of them, what failed, and the sums;
    returns the exit status. `failed`: the number of failures before the first
    step."""
    first = [step for step in steps if step.name == "build"]
    for step in first:
        step.run()
    if not any(step.failed for step in first):
        run_lanes([step for step in steps if step not in first])
    print("\nstep            seconds  passed  failed")
    for step in steps:
        print(f"{step.name:14}{step.seconds:9.0f}{step.passed:8}"
              f"{step.failed:8}")
    for line in failed_again(steps):
        print(line)
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
