# SPDX-License-Identifier: MIT
"""Measures what the calls cost, by RDTSC in the guest.

Prints a table of the results and of KVM's medians (docs/results/) and writes
build/bench.csv. It fails if a row is above its bar (a quarter of KVM's median)
or above 1.05 times its value in bench/baseline.csv, if a flush of ALL costs
more with many VPs than with few, or if input in registers does not cost less
than in memory. Rows that end in _default are measured in a partition without
the key `privileges`, rows that end in _shadow in one with a software TLB. In
rows that end in _exact lists are flushed by address while the hypercall page is
on, as by default; in the others the whole context is (flush-exact = no).

With --none and --trace, the folders of builds with TRACE=no and HISTOGRAM=no,
it also measures what the calls cost without the trace, and with the trace but
without histograms: a column for each, of medians.

--accept makes the results the new baseline of this version of Bochs. README's
table has the values of bench/baseline.csv, the baseline of Bochs 2.7;
docs/quoted_numbers.py --write copies them.
"""

import csv
import re

from lethe import cli, tap
from lethe.machine import console, emulator, ending, image
from lethe.machine.process import boot
from lethe.measure.rows import (AIM, BAR, BY_ADDRESS, CALLS, OTHERS,
                                kvm_medians)
from lethe.project import ROOT

FOLDER = ROOT / "bench"
BASELINE = FOLDER / "baseline.csv"  # Debian 12's Bochs; documents quote it
LIMIT = 600
LOSS = 1.05
SPREAD = 1.1  # largest ratio of the rows of ALL with 8 and more VPs
COLUMNS = ("none", "trace")  # builds without trace, without histograms
LINE = re.compile(r"^# bench (\w+) (\d+) (\d+)$")
DEFAULT = "_default"
SHADOW = "_shadow"
EXACT = "_exact"

# exact: without the hypercall page, so that lists are flushed by address.
BOTH_WAYS = (*CALLS, *OTHERS, "xmm_self", "xmm")
TARGET = ("target", "target16")
FAULTS = ("fill", "fill_cr3", "reflected", "reflected_cr3")
LISTS = ("self", "remote", "both", "both16", "all", "halted", "xmm_self", "xmm")
# The same calls in partitions with other keys
ADDED = (*(name + DEFAULT for name in BOTH_WAYS),
         *(name + EXACT for name in LISTS),
         *(name + EXACT + DEFAULT for name in LISTS))
ROWS = (*BOTH_WAYS, *TARGET, "all8", "all32", "all130", "suspend", *ADDED,
        *(name + SHADOW for name in (*BOTH_WAYS, *TARGET, *FAULTS)))
# Median of Linux 6.1 in the same emulator, for the rows with a bar
KVM = kvm_medians()
KVM.update({name + EXACT: median for name, median in BY_ADDRESS.items()})
KVM.update({name + DEFAULT: median for name, median in KVM.items()})
# With trace and histograms, at most KVM's median divided by this; of other rows
# that KVM has a median of, WHOLE
TRACED = {"unknown": 5, "halted": 5, "both16_exact": 5}
WHOLE = 7
# Input in registers has to cost less than the same call in memory.
LESS = {"xmm_self": "self", "xmm": "both", "xmm_exact": "both_exact"}
# Ticks from a page fault to the guest, and to the guest's handler
FAULT_BARS = {"fill_shadow": 900, "reflected_shadow": 700}
CONSTANT = ("all8", "all32", "all130")

# Name, CPUs, VPs, command line, privileges, another key of the partition, what
# is added to the names of the rows. Without `vp-registers` no VP publishes its
# registers at each exit; `all` is the default of lethe.conf.
BOTH = "suite=bench,bench-target"
CONTEXT = "flush-exact = no"
RUNS = (
    ("bench", 2, 2, BOTH, "all -vp-registers", CONTEXT, ""),
    ("bench-default", 2, 2, "suite=bench", "all", CONTEXT, DEFAULT),
    ("bench-exact", 2, 2, "suite=bench", "all -vp-registers", "", EXACT),
    ("bench-exact-default", 2, 2, "suite=bench", "all", "", EXACT + DEFAULT),
    ("bench-shadow", 2, 2, BOTH, "all -vp-registers", "paging = shadow",
     SHADOW),
    *((f"bench-all-{vps}", 4, vps, "suite=bench-all idle=hlt overcommit=1",
       "all -vp-registers", CONTEXT, "") for vps in (8, 32, 130)),
    ("bench-suspend", 4, 4, "suite=bench-all", "all", CONTEXT, ""),
)


def measure_run(build, name, cpus, vps, cmdline, privileges, guest, suffix):
    """({row: (min, median)}, [what is wrong])"""
    text = image.config(f"{cmdline} cpus={vps}", vps=vps, guest=guest,
                        privileges=privileges)
    with build.run_folder(name) as place:
        outcome = boot(place, image.command(build, place.path, "rom", text,
                                            cpus), LIMIT)
        if outcome.exit is None:
            outcome.said = ending.explain(place, outcome)
    lines = console.guest_lines(outcome.text)
    found = (LINE.match(line) for line in lines)
    rows = {row[1]: (int(row[2]), int(row[3])) for row in found if row}
    stream = tap.read(lines)
    errors = [*stream.errors,
              *(f"not ok: {name}" for name in stream.names("FAIL"))]
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
        suffix = run[-1]
        rows.update({name + suffix: cost for name, cost in found.items()
                     if not suffix or name + suffix in ROWS})
        errors += wrong
    errors += [f"expected a row {name}, found none" for name in ROWS
               if name not in rows]
    constant = [rows[name][0] for name in CONSTANT if name in rows]
    if constant and max(constant) > SPREAD * min(constant):
        errors.append(f"{CONSTANT}: expected minima that differ by a factor of "
                      f"{SPREAD} at most, found {constant}")
    return rows, errors


def baseline_path():
    """Versions of Bochs count some instructions differently, so each has a
    baseline of its own."""
    found = emulator.bochs_version()
    return (BASELINE if found == emulator.BOCHS_OLD
            else FOLDER / f"baseline-bochs-{found}.csv")


def measure_columns(folders):
    """({row: {column: median}}, [what is wrong]) of the builds that are
    given, for the rows of the first run."""
    found, errors = {}, []
    for column, folder in folders.items():
        build = image.Build(folder)
        build.require(build.hypervisor, build.guest)
        rows, wrong = measure_run(build, *RUNS[0])
        errors += wrong
        for name, (_, median) in rows.items():
            found.setdefault(name, {})[column] = median
    return found, errors


def read_baseline(path=BASELINE):
    if not path.exists():
        return {}
    with open(path, newline="", encoding="ascii") as file:
        return {row["row"]: (int(row["min"]), int(row["median"]))
                for row in csv.DictReader(file)}


def write(path, rows, columns):
    path.parent.mkdir(parents=True, exist_ok=True)
    body = "".join(
        ",".join([name, *map(str, rows[name]),
                  *(str(columns.get(name, {}).get(column, ""))
                    for column in COLUMNS)]) + "\n"
        for name in ROWS if name in rows)
    path.write_text(f"row,min,median,{','.join(COLUMNS)}\n" + body)


def complaints(name, rows, before):
    """Why this row fails; empty if it does not."""
    now = rows[name]
    kvm = KVM.get(name)
    found = []
    memory = rows.get(LESS.get(name))
    if memory and any(a >= b for a, b in zip(now, memory)):
        found.append(f"not below {LESS[name]}")
    if kvm and now[1] * BAR > kvm:
        found.append(f"above the bar of {kvm // BAR}")
    divisor = TRACED.get(name, WHOLE)
    if kvm and not name.endswith(DEFAULT) and now[1] * divisor > kvm:
        found.append(f"above the bar of {kvm // divisor} with the trace")
    if now[1] > FAULT_BARS.get(name, now[1]):
        found.append(f"above the bar of {FAULT_BARS[name]}")
    for what, value, limit in zip(("min", "median"), now, before or ()):
        if value > limit * LOSS:
            found.append(f"{what} above {LOSS} x {limit}")
    if not before:
        found.append("no baseline: --accept writes one")
    return ", ".join(found)


def main():
    parser = cli.Parser("bench", __doc__, build=True)
    parser.add_argument("--accept", action="store_true")
    for column in COLUMNS:
        parser.add_argument(f"--{column}", metavar="FOLDER")
    args = parser.parse_args()
    build = image.Build(args.build)
    rows, errors = measure(build)
    columns, wrong = measure_columns(
        {column: getattr(args, column) for column in COLUMNS
         if getattr(args, column)})
    errors += wrong
    write(build.folder / "bench.csv", rows, columns)
    if args.accept and not errors:
        write(baseline_path(), rows, columns)
    baseline = read_baseline(baseline_path())
    if baseline_path() != BASELINE:
        print(f"bench: Bochs {emulator.bochs_version()} is compared with its "
              f"own baseline, {baseline_path().name}; KVM's figures were "
              f"measured in Bochs {emulator.BOCHS_OLD}")
    failed = len(errors)
    print(f"{'row':16}{'min':>7}{'median':>8}{'none':>6}{'trace':>6}"
          f"{'KVM':>7}{'bar':>6}{'aim':>6}")
    for name, now in rows.items():
        if name not in ROWS:
            print(f"{name:16}{now[0]:7}{now[1]:8}  (not a call)")
            continue
        kvm = KVM.get(name)
        bars = (f"{kvm:7}{kvm // BAR:6}{kvm // AIM:6}" if kvm
                else f"{'-':>7}{'-':>6}{'-':>6}")
        less = "".join(f"{columns.get(name, {}).get(column, '-'):>6}"
                       for column in COLUMNS)
        why = complaints(name, rows, baseline.get(name))
        failed += bool(why)
        print(f"{name:16}{now[0]:7}{now[1]:8}{less}{bars}  "
              f"{f'FAIL: {why}' if why else 'ok'}")
    for error in errors:
        print(f"{'bench':16}  FAIL: {error}")
    passed = len(rows.keys() & set(ROWS)) + len(errors) - failed
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    cli.main("bench", main)
