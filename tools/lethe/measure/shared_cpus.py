# SPDX-License-Identifier: MIT
"""Measures whether a flush call waits for VPs that are not in guest mode.

The same guest with 4 VPs, of which one flushes the three others again and
again, while these spin: once with a CPU for each VP, once with two VPs a CPU.
The ticks of a call at p99 may differ by 10 % at most. They come from two
sources:

guest  from the VM exit to the VM entry, by RDTSC around the VMCALL (suite
       bench-shared). A call in which another VP of the caller's CPU had a turn
       is no sample; the column `turns` has their number.
trace  from the VM exit to the end of its handler, from the records of the last
       calls of a run with more ticks for a character of the console. No VP's
       turn begins or ends in a handler; this is checked.

--accept writes what was measured to docs/results/shared-cpus.tsv; the table in
docs/performance.md is made from it.
"""

import dataclasses
import re

from lethe import cli, tap
from lethe.console_tests import records
from lethe.console_tests.line import Line
from lethe.machine import console, ending, image
from lethe.machine.process import boot
from lethe.measure.rows import RESULTS
from lethe.project import commit

VPS = 4
CPUS = (4, 2)  # one VP a CPU, two VPs a CPU
BAR = 1.10
# As for Linux: a slice of 5 ms is 5 million ticks, and has thousands of calls
GUEST_RUN = "tsc_hz = 1000000000"
TRACE_RUN = "at-end = console"
CALLS = {"list1": 0x0003, "list4": 0x0003, "space": 0x0002}
OTHER = "_cpu1"  # the caller is VP 1: not on the CPU of the console
CHECKS = (*CALLS, *(name + OTHER for name in CALLS))
TRACED = ("list4",)
TRACED_MIN = 150  # records of calls that a dump has to have
SECONDS = 60
PATH = RESULTS / "shared-cpus.tsv"
COLUMNS = ("check", "source", "cpus", "calls", "turns", "min", "median", "p99",
           "max")
P99 = re.compile(r"^# p99 (\w+) (\d+) (\d+) (\d+) (\d+) (\d+)\n"
                 r"# calls_with_a_turn_and_kicks (\d+) \d+$", re.MULTILINE)


@dataclasses.dataclass(frozen=True)
class Cost:
    """Ticks of the calls of one run, from one source."""

    calls: int
    turns: int  # calls in which another VP of the CPU ran
    least: int
    median: int
    p99: int
    most: int


def cost_of(ticks):
    """The Cost of traced calls; p99 is the least value that at most one in a
    hundred exceeds, as in the guest."""
    ticks = sorted(ticks)
    count = len(ticks)
    return Cost(count, 0, ticks[0], ticks[count // 2],
                ticks[count - 1 - count // 100], ticks[-1])


def traced_calls(found, check):
    """The records of the caller's calls that flushed the others."""
    caller = f"guest:{int(check.endswith(OTHER))}"
    code = CALLS[check.removesuffix(OTHER)]
    return [record for record in found
            if record.event == "exit" and record.vp == caller and
            record["reason"] == "VMCALL" and record["status"] == "SUCCESS" and
            record["info"] & 0xffff == code and record["ticks"] is not None]


def with_a_switch(found, calls):
    """The calls in whose handler their CPU changed its VP."""
    switches = [(record.cpu, record.tsc) for record in found
                if record.event == "switch"]
    return [call for call in calls
            if any(cpu == call.cpu and
                   call.tsc < tsc < call.tsc + call["ticks"]
                   for cpu, tsc in switches)]


def guest_costs(text):
    """({check: Cost}, [what is wrong]) of what the guest printed."""
    stream = tap.read(text.splitlines())
    wrong = [*stream.errors, *(f"not ok: {name}"
                               for name in stream.names("FAIL"))]
    found = {}
    for name, *numbers in P99.findall(text):
        count, *ticks, turns = map(int, numbers)
        found[name] = Cost(count, turns, *ticks)
    wrong += [f"expected a line `# p99 {check}`, found none"
              for check in CHECKS if check not in found]
    return found, wrong


def trace_cost(found, check):
    """(Cost, [what is wrong]) of the records of a dump."""
    calls = traced_calls(found, check)
    if len(calls) < TRACED_MIN:
        return None, [f"expected {TRACED_MIN} calls in the trace, found "
                      f"{len(calls)}"]
    split = with_a_switch(found, calls)
    wrong = [f"{len(split)} handlers with a switch of VPs"] if split else []
    return cost_of([call["ticks"] for call in calls]), wrong


def config(words, hypervisor):
    return image.config(f"suite=bench-shared {words} cpus={VPS} overcommit=1",
                        hypervisor, vps=VPS, privileges="all -vp-registers")


def run_guest(build, cpus):
    """({check: Cost}, [what is wrong])"""
    with build.run_folder(f"shared-{cpus}") as place:
        outcome = boot(place, image.command(
            build, place.path, "rom", config("", GUEST_RUN), cpus), SECONDS)
        if outcome.exit is None:
            return {}, ending.explain(place, outcome)
    return guest_costs("\n".join(console.guest_lines(outcome.text, "guest")))


def run_trace(build, check, cpus):
    """(Cost, [what is wrong])"""
    text = config(f"only={check}", TRACE_RUN)
    with build.run_folder(f"shared-{check}-{cpus}") as place, Line(
            lambda com1: image.command(build, place.path, "rom", text, cpus,
                                       com1=com1), place.path) as line:
        line.expect("stopped code=", SECONDS)
        dump = line.command("trace dump", SECONDS)
    return trace_cost(records.read(build, dump), check)


def measure(build):
    """({(check, source, CPUs): Cost}, [what is wrong])"""
    costs, errors = {}, []
    for cpus in CPUS:
        found, wrong = run_guest(build, cpus)
        costs.update(((check, "guest", cpus), cost)
                     for check, cost in found.items())
        for check in TRACED:
            costs[check, "trace", cpus], more = run_trace(build, check, cpus)
            wrong = [*wrong, *more]
        errors += [f"{cpus} CPUs: {why}" for why in wrong]
    return costs, errors


def differs(one, two):
    """Whether p99 with two VPs a CPU is above the bar."""
    return two.p99 > BAR * one.p99


def show(check, source, one, two):
    word = (f"FAIL: above {BAR} x {one.p99}" if differs(one, two) else "ok")
    print(f"{check:11} {source:6} {one.calls:5} {two.calls:5} {two.turns:5}"
          f"{one.median:8}{two.median:7}{one.p99:8}{two.p99:7}"
          f"{two.p99 / one.p99:7.3f}  {word}", flush=True)


def write(costs):
    lines = [f"# commit {commit()}", "\t".join(COLUMNS)]
    lines += ["\t".join(map(str, (check, source, cpus,
                                  *dataclasses.astuple(cost))))
              for (check, source, cpus), cost in costs.items()]
    PATH.write_text("\n".join(lines) + "\n")


def pairs(costs):
    """(check, source, Cost with a CPU for each VP, with two VPs a CPU)"""
    for check in CHECKS:
        for source in ("guest", "trace"):
            pair = [costs.get((check, source, cpus)) for cpus in CPUS]
            if all(pair):
                yield check, source, *pair


def main():
    parser = cli.Parser("shared_cpus", __doc__, build=True)
    parser.add_argument("--accept", action="store_true")
    args = parser.parse_args()
    build = image.Build(args.build)
    build.require(build.guest, build.lethe_trace)
    costs, errors = measure(build)
    found = list(pairs(costs))
    print("check       source calls: 1, 2 a CPU, turns; median: 1, 2; p99: "
          "1, 2, ratio")
    for row in found:
        show(*row)
    for error in errors:
        print(f"shared CPUs  FAIL: {error}")
    failed = sum(differs(one, two) for _, _, one, two in found)
    if args.accept and not errors and not failed:
        write(costs)
    print(f"{len(found) - failed} passed, {failed + len(errors)} failed")
    return 1 if failed or errors else 0


if __name__ == "__main__":
    cli.main("shared_cpus", main)
