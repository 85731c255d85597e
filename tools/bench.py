# SPDX-License-Identifier: MIT
"""Measures the calls as the guest sees them by RDTSC.

Prints the table beside KVM's minima, writes build/bench.csv and fails where a
row is above its bar (a quarter of KVM's minimum), above 1.05 times
bench/baseline.csv, where ALL costs more with many VPs than with few, or where
input in registers costs no less than in memory. --accept makes the result the
new baseline.
"""

import csv
import re

import cli
import console
import ending
import image
from machine import boot
import version

BASELINE = image.TOOLS.parent / "bench/baseline.csv"
LIMIT = 600
LOSS = 1.05
BAR = 4  # a quarter of KVM's minimum
AIM = 8
SPREAD = 1.1  # between the rows of ALL with 8 and more VPs
LINE = re.compile(r"^# bench (\w+) (\d+) (\d+)$")

# Linux 6.1 in the same emulator, minimum of 20 calls; no figure for halted.
# exact: without the hypercall page, so that lists go address by address.
KVM = {"unknown": 1195, "self": 2085, "remote": 2625, "both": 2920,
       "both16": 2920, "both64": 2920, "both400": 2920, "all": 2820,
       "space": 2915, "halted": None, "exact": None, "exact16": None,
       "all8": None, "all32": None, "all130": None, "suspend": None,
       "xmm_self": None, "xmm": None}
# Input in registers has to cost less than the same call in memory.
LESS = {"xmm_self": "self", "xmm": "both"}
CONSTANT = ("all8", "all32", "all130")

# Name, CPUs, VPs, command line, privileges. Without `vp-registers` no VP
# publishes its registers at each exit.
RUNS = (
    ("bench", 2, 2, "suite=bench", "all -vp-registers"),
    *((f"bench-all-{vps}", 4, vps, "suite=bench-all idle=hlt overcommit=1",
       "all -vp-registers") for vps in (8, 32, 130)),
    ("bench-suspend", 4, 4, "suite=bench-all", "all"),
)


def measure_run(build, name, cpus, vps, cmdline, privileges):
    """({row: (min, median)}, [what is wrong])"""
    text = image.config(f"{cmdline} cpus={vps}", vps=vps,
                        privileges=privileges)
    with build.run_folder(name) as place:
        outcome = boot(place, image.command(build, place.path, "rom", text,
                                            cpus), LIMIT)
        if outcome.exit is None:
            outcome.said = ending.explain(place, outcome)
    lines = console.guest_lines(outcome.text)
    found = (LINE.match(line) for line in lines)
    rows = {row[1]: (int(row[2]), int(row[3])) for row in found if row}
    errors = console.tap(lines).errors
    errors += [line for line in lines if line.startswith("not ok")]
    if outcome.exit and outcome.exit[0] != 0:
        errors.append("exit code={} reason={}".format(*outcome.exit))
    if outcome.said:
        errors.append("\n    ".join(outcome.said))
    return rows, [f"{name}: {error}" for error in errors]


def measure(build):
    """({row: (min, median)}, [what is wrong])"""
    rows, errors = {}, []
    for run in RUNS:
        found, wrong = measure_run(build, *run)
        rows.update(found)
        errors += wrong
    errors += [f"no row {name}" for name in KVM if name not in rows]
    constant = [rows[name][0] for name in CONSTANT if name in rows]
    if constant and max(constant) > SPREAD * min(constant):
        errors.append(f"ALL: {constant} for {CONSTANT}: not within {SPREAD}")
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
    parser = cli.Parser(prog="bench", description=__doc__)
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
    cli.main("bench", main)
