# SPDX-License-Identifier: MIT
"""Measures the calls with 2 CPUs, as the guest sees them by RDTSC.

Prints the table beside KVM's minima, writes build/bench.csv and fails where a
row is above its bar (a quarter of KVM's minimum), above 1.05 times
bench/baseline.csv, or not below its memory form. --accept makes the result the new baseline.
"""

import argparse
import csv
import re
import shutil
import sys

import console
import image
from machine import Machine, watch
import version

BASELINE = image.TOOLS.parent / "bench/baseline.csv"
CPUS = 2
LIMIT = 600
LOSS = 1.05
BAR = 4  # a quarter of KVM's minimum
AIM = 8
LINE = re.compile(r"^# bench (\w+) (\d+) (\d+)$")

# Linux 6.1 in the same emulator, minimum of 20 calls; no figure for halted.
# exact: without the hypercall page, so that lists go address by address.
KVM = {"unknown": 1195, "self": 2085, "remote": 2625, "both": 2920,
       "both16": 2920, "both64": 2920, "both400": 2920, "all": 2820,
       "space": 2915, "halted": None, "exact": None, "exact16": None,
       "xmm_self": None, "xmm": None}
# Input in registers has to cost less than the same call in memory.
LESS = {"xmm_self": "self", "xmm": "both"}


def measure(build):
    """({row: (min, median)}, [what is wrong])"""
    folder = build.run_folder("bench")
    try:
        # without the privilege no VP publishes its registers at each exit
        text = image.config("suite=bench cpus=@CPUS@",
                            privileges="all -vp-registers")
        command = image.command(build, folder, "rom", text, CPUS)
        with Machine(command, folder) as machine:
            outcome = watch(machine, LIMIT)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    lines = console.guest_lines(outcome.text)
    found = (LINE.match(line) for line in lines)
    rows = {row[1]: (int(row[2]), int(row[3])) for row in found if row}
    errors = console.tap(lines).errors
    errors += [line for line in lines if line.startswith("not ok")]
    if outcome.exit is None or outcome.exit[0] != 0:
        errors.append(f"exit {outcome.exit}, ended by {outcome.end}")
    errors += [f"no row {name}" for name in KVM if name not in rows]
    return rows, errors


def read_baseline():
    if not BASELINE.exists():
        return {}
    with open(BASELINE, newline="", encoding="ascii") as file:
        return {row["row"]: (int(row["min"]), int(row["median"]))
                for row in csv.DictReader(file)}


def write(path, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    body = "".join(f"{name},{rows[name][0]},{rows[name][1]}\n"
                   for name in KVM if name in rows)
    path.write_text("row,min,median\n" + body)


def complaints(name, rows, before):
    """Why this row fails; empty if it does not."""
    now = rows[name]
    kvm = KVM[name]
    found = []
    memory = rows.get(LESS.get(name))
    if memory and any(a >= b for a, b in zip(now, memory)):
        found.append(f"not below {LESS[name]}")
    if kvm and now[0] * BAR > kvm:
        found.append(f"above the bar of {kvm // BAR}")
    for what, value, limit in zip(("min", "median"), now, before or ()):
        if value > limit * LOSS:
            found.append(f"{what} above {LOSS} x {limit}")
    if not before:
        found.append("no baseline")
    return ", ".join(found)


def main():
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    version.add(parser)
    parser.add_argument("--build", default="build", metavar="FOLDER")
    parser.add_argument("--accept", action="store_true")
    args = parser.parse_args()
    build = image.Build(args.build)
    rows, errors = measure(build)
    write(build.folder / "bench.csv", rows)
    if args.accept and not errors:
        write(BASELINE, rows)
    baseline = read_baseline()
    failed = len(errors)
    print(f"{'row':10}{'min':>7}{'median':>8}{'KVM min':>9}{'bar':>6}{'aim':>6}")
    for name, now in rows.items():
        if name not in KVM:
            print(f"{name:10}{now[0]:7}{now[1]:8}  (not a call)")
            continue
        kvm = KVM[name]
        bars = (f"{kvm:9}{kvm // BAR:6}{kvm // AIM:6}" if kvm
                else f"{'-':>9}{'-':>6}{'-':>6}")
        why = complaints(name, rows, baseline.get(name))
        failed += bool(why)
        print(f"{name:10}{now[0]:7}{now[1]:8}{bars}  {why or 'ok'}")
    for error in errors:
        print(f"bench: {error}")
    passed = len(rows.keys() & KVM.keys()) + len(errors) - failed
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
