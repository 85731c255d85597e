# SPDX-License-Identifier: MIT
"""Counts what the trace and the histograms add to a call, in instructions.

Takes three builds: without the trace, without the histograms, and the normal
one (`make trace-cost` makes them). Each row of the guest's suite `bench` is
traced instruction by instruction in each build. It fails if a call costs more
than docs/trace.md promises, and writes build/trace-cost.csv.
"""

from lethe import cli
from lethe.machine import image
from lethe.measure import instructions

RECORD = 12     # a record, and a call without a kick
WITH_KICK = 24  # a call that kicks one CPU
HISTOGRAM = 10
# Row, how many CPUs it kicks
ROWS = (("unknown", 0), ("self", 0), ("halted", 0), ("xmm_self", 0),
        ("remote", 1), ("both", 1), ("space", 1), ("all", 1), ("xmm", 1),
        ("exact", 1))


def count(build, row):
    """Instructions of one call."""
    symbols = instructions.Symbols(build.hypervisor, build.guest)
    return len(instructions.trace(build, symbols, row))


def complaints(kicks, none, trace, full):
    limit = WITH_KICK if kicks else RECORD
    if trace - none > limit:
        yield f"trace: expected at most {limit} more, found {trace - none}"
    if full - trace > HISTOGRAM:
        yield (f"histograms: expected at most {HISTOGRAM} more, "
               f"found {full - trace}")


def main():
    parser = cli.Parser("trace-cost", __doc__, build=True)
    parser.add_argument("none", help="folder of the build with TRACE=no")
    parser.add_argument("trace", help="folder of that with HISTOGRAM=no")
    args = parser.parse_args()
    builds = [image.Build(folder)
              for folder in (args.none, args.trace, args.build)]
    for build in builds:
        build.require(build.hypervisor, build.guest)
    lines = ["row,none,trace,histogram"]
    failed = 0
    print(f"{'row':10}{'none':>7}{'trace':>7}{'+':>4}{'histogram':>11}{'+':>4}")
    for row, kicks in ROWS:
        none, trace, full = [count(build, row) for build in builds]
        wrong = ", ".join(complaints(kicks, none, trace, full))
        failed += bool(wrong)
        print(f"{row:10}{none:7}{trace:7}{trace - none:4}{full:11}"
              f"{full - trace:4}  "
              f"{f'FAIL: {wrong}' if wrong else 'ok'}")
        lines.append(f"{row},{none},{trace},{full}")
    (builds[2].folder / "trace-cost.csv").write_text("\n".join(lines) + "\n")
    print(f"{len(ROWS) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    cli.main("trace-cost", main)
