# SPDX-License-Identifier: MIT
"""Sections of docs/performance.md from runs of Lethe alone: flush calls of VPs
that share a CPU (docs/results/shared-cpus.tsv, which `python3 -m
lethe.measure.shared_cpus --accept` writes), and INVVPIDs of lists
(tests/expected/lists-5.invvpids.tsv, of the boot test)."""

from lethe import cli
from lethe.measure import shared_cpus
from lethe.measure.rows import read
from lethe.project import ROOT

INVVPIDS = ROOT / "tests/expected/lists-5.invvpids.tsv"
SIZES = (1, 2, 8, 16, 32)
TARGETS = (1, 2, 3, 4)
TYPES = ("by address (0)", "of a context (1)", "of all contexts (2)",
         "of a context but globals (3)")

SHARED = """
## Two VPs a CPU

A flush call waits for VPs that are in guest mode at that moment, and for no \
others. One of 4 VPs flushes the three others, which spin, on 4 CPUs and on 2 \
(suite `bench-shared`, `tsc_hz = 1000000000`, slices of 5 ms; commit \
{commit}). With a CPU for each VP a call kicks three CPUs, with two VPs a CPU \
it kicks one. The bar: the ticks at p99 with two VPs a CPU are at most \
{bar:.2f} times those with a CPU for each VP; `make bench` measures it.

*exit to entry* is the time between two RDTSC around the VMCALL, less that of \
two RDTSC alone. A call in which the other VP of the caller's CPU had a turn \
is no sample; *turns* is the number of these. *handler* is the time from the \
VM exit to the end of its handler, by the trace, for the last calls of a run; \
in none of these did the CPU change its VP. In the rows *CPU 1* the caller is \
there, in the others on the CPU that serves the console.

Between two calls are some 700 ticks, in which the kicked VPs enter again. The \
result of the CPU that serves the console depends on this number. A first \
measurement with 1,500 ticks **missed the bar** there: at p99 655 ticks with \
two VPs a CPU and 585 with a CPU for each VP for 1 range (1.120), 510 and 425 \
for 0x0002 (1.200); the medians were 540 and 585, 395 and 420. The handlers \
that were traced then took no longer than with a CPU for each VP, so the ticks \
are spent between the handler's end and the entry. The likely reason: this CPU \
looks at the console each 230,000 ticks, and near the end of a slice it writes \
the preemption timer's field now and then \
([decision 0006](decisions/0006-preemption-timer.md)); the fewer calls in that \
time, the larger a part of them is.

"""
NAMES = {"list1": "0x0003, 1 range", "list4": "0x0003, 4 ranges",
         "space": "0x0002"}
SOURCES = {"guest": "exit to entry", "trace": "handler"}

LISTS = """
## INVVPIDs of a list

How many INVVPIDs one call 0x0003 causes on its caller and its targets, by \
type: as Lethe counted them in the boot test `lists-5`, whose targets spin, \
each on its CPU. The hypercall page is on. The test fails if a run has other \
counts than this table.

"""


def call_name(check):
    name = NAMES[check.removesuffix(shared_cpus.OTHER)]
    return f"{name}, CPU 1" if check.endswith(shared_cpus.OTHER) else name


def shared():
    """The section of calls of VPs that share CPUs."""
    head, rows = read(shared_cpus.PATH.name)
    found = {(row["check"], row["source"], int(row["cpus"])): row
             for row in rows}
    text = SHARED.format(commit=head[0].split()[1], bar=shared_cpus.BAR)
    text += ("| call | ticks | calls | turns | median: a CPU for each VP | "
             "two VPs a CPU | p99: a CPU for each VP | two VPs a CPU | "
             "ratio |\n" + "|---" * 9 + "|\n")
    for check in shared_cpus.CHECKS:
        for source, words in SOURCES.items():
            one, two = (found.get((check, source, cpus))
                        for cpus in shared_cpus.CPUS)
            if not one or not two:
                continue
            text += (f"| {call_name(check)} | {words} | {one['calls']}, "
                     f"{two['calls']} | {two['turns']} | {one['median']} | "
                     f"{two['median']} | {one['p99']} | {two['p99']} | "
                     f"{int(two['p99']) / int(one['p99']):.3f} |\n")
    return text


def invvpids():
    """The section of INVVPIDs by type."""
    found = {}
    for line in INVVPIDS.read_text().splitlines():
        pages, targets, *types = map(int, line.split("\t"))
        found[pages, targets] = types
    missing = [(pages, targets) for pages in SIZES for targets in TARGETS
               if len(found.get((pages, targets), ())) != len(TYPES)]
    if missing:
        raise cli.Wrong(f"{INVVPIDS.name}: expected a line for each number of "
                        f"pages and targets, found none for {missing}")
    text = LISTS + f"| pages | targets | {' | '.join(TYPES)} |\n"
    text += "|---" * (2 + len(TYPES)) + "|\n"
    for pages in SIZES:
        for targets in TARGETS:
            cells = (pages, targets, *found[pages, targets])
            text += f"| {' | '.join(map(str, cells))} |\n"
    return text
