# SPDX-License-Identifier: MIT
"""Writes docs/performance.md and its charts from docs/results/.

`make peer-test` measures the results, `make profile` the instructions of a
call; own_runs.py has the sections of Lethe's own runs. --check compares instead
of writing: these files are never edited by hand.
"""


from lethe import cli
from lethe.docs import own_runs, svg, written
from lethe.measure.rows import AIM, BAR, CALLS, OTHERS, read
from lethe.project import ROOT

RANGES = {"1": "both", "16": "both16", "64": "both64", "400": "both400"}
OVER_VPS = ("unknown", "self", "remote", "both")

INTRO = """# Performance

`lethe.docs.performance` writes this file from `docs/results/`, which `make \
peer-test` measures; `make lint` checks that it is up to date.

The tables have the TSC ticks of one call in the guest, from RDTSC before the \
VMCALL to RDTSC after it, for 100 calls per row. The same guest kernel \
(`guest-test/`, suite `bench`) runs on Lethe in Bochs, and on KVM \
(`tools/kvm-run`) in a Linux in Bochs: the same emulated CPU, where a tick is \
an instruction. Each VP has a CPU for itself; all VPs but the caller spin in \
guest mode with interrupts on. Lethe's partition has `privileges = all \
-vp-registers` and `flush-exact = no`; README has the higher cost with the \
default privileges, and that of lists by address. On \
Lethe a call counts only if it kicked exactly the spinning targets. KVM does \
not count kicks, so its minimum may be a call whose target had just left guest \
mode for Linux's timer: the ratio is that of the medians.

The bar is a quarter of KVM's median, the aim an eighth.
"""

# What is done in the functions of a trace (others are inlined into them)
STAGES = {
    "bench": "VMCALL and RDTSC of the guest",
    "entry_exit": "run word even; save 15 registers",
    "loop_exit": "exit reason; CS and EFER; the engine's fast path: row, "
                 "control word, block, copy; result; advance RIP; preemption "
                 "timer (RDTSC); run word odd, check for work",
    "call_any": "the engine's slow path: registers, row, result word",
    "first_use_report": "has this unknown code been reported?",
    "hc_flush": "flags, targets without the caller, kind of flush",
    "flush_others": "announce the flush, check for inhibits, put the work; "
                    "each CPU's run word, NMI by the ICR, wait",
    "flush_self": "no target but the caller",
    "kick_wait_for": "wait until the other CPU has left guest mode",
    "invalidate_own": "choose the INVVPID; counters",
    "tlb_invvpid": "INVVPID",
    "entry_window_begin": "compare `kicked`, load 15 registers, VMRESUME",
}

PROFILE = """
## Where the instructions go

One call of a row with 2 VPs on 2 CPUs, traced instruction by instruction by \
`make profile` (commit {commit}). A column's sum is the row's cost.

"""

LIMITS = """
With 2 VPs {reached} of the {rows} rows with a bar cost an eighth of KVM's \
median or less. Each further target adds {target} instructions; a CPU without \
a target adds none. Above an eighth: {above}.

Every exit executes `entry_exit`, `entry_window_begin` and, in `loop_exit`, \
eight VMCS accesses (24 instructions): to read the exit reason, to recognise \
64-bit code at CPL 0, and to advance RIP by the rules of the SDM (length, \
blocking by STI and MOV SS, TF). With the RDTSC that keeps timers from being \
late, and the check for work after the barrier, these are {exit} instructions \
in the row `unknown`, {share:.0%} of its aim; the rest are `call_any` and \
`first_use_report`, whose speed does not matter to guests. A remote flush adds \
{remote} (`flush_others`). The other CPU takes the NMI and makes its run word \
even by the first instruction after the exit, so the caller does not \
wait for it.
"""

OUTRO = """
KVM {series} does not read the list of ranges: it always flushes everything, \
so its cost does not depend on the list. With `flush-exact = no` Lethe does \
the same while the hypercall page is enabled \
([decision 0037](decisions/0037-exact-lists.md)). In the rows \
`exact` and `exact16` it is disabled: Lethe executes one INVVPID for each \
address, and the caller's ticks include its own INVVPIDs and the ranges that \
it puts into each target's queue. In `halted` neither hypervisor kicks a CPU.
"""

SUITES = """
## The suites on KVM

{passed} checks passed, {skipped} were skipped with a reason, {known} failed \
with the value in `tests/known-kvm.toml`, none with another. All results: \
[results/peer-suites.tsv](results/peer-suites.tsv).
"""


def table(vps, cost):
    yield f"\n## {vps} VPs\n"
    yield ("| row | call | Lethe min | median | KVM min | median | ratio | "
           "bar | aim | |")
    yield "|---|---|---|---|---|---|---|---|---|---|"
    for name, call in CALLS.items():
        lethe, kvm = cost["lethe", vps, name], cost["kvm", vps, name]
        bar, aim = kvm[1] // BAR, kvm[1] // AIM
        word = ("aim reached" if lethe[1] <= aim else
                "ok" if lethe[1] <= bar else "**above the bar**")
        yield (f"| `{name}` | {call} | {lethe[0]} | {lethe[1]} | {kvm[0]} | "
               f"{kvm[1]} | {lethe[1] / kvm[1]:.3f} | {bar} | {aim} | {word} |")
    for name, call in OTHERS.items():
        lethe, kvm = cost["lethe", vps, name], cost["kvm", vps, name]
        yield (f"| `{name}` | {call} | {lethe[0]} | {lethe[1]} | {kvm[0]} | "
               f"{kvm[1]} | {lethe[1] / kvm[1]:.3f} | – | – | |")


def over_vps(counts, cost):
    lines = [svg.Line(f"{peer} {name}",
                      [cost[key, vps, name][1] for vps in counts],
                      colour, key == "lethe")
             for peer, key in (("KVM", "kvm"), ("Lethe", "lethe"))
             for colour, name in enumerate(OVER_VPS)]
    return svg.chart("Ticks of one call over the number of VPs", "VPs",
                     [str(vps) for vps in counts], "ticks", lines)


def over_ranges(vps, cost):
    kvm, lethe = ([cost[key, vps, row][1] for row in RANGES.values()]
                  for key in ("kvm", "lethe"))
    exact = [cost["lethe", vps, row][1] for row in ("exact", "exact16")]
    lines = [svg.Line("KVM", kvm, 0),
             svg.Line("a quarter of it", [cost // BAR for cost in kvm], 2),
             svg.Line("an eighth of it", [cost // AIM for cost in kvm], 3),
             svg.Line("Lethe", lethe, 1, True),
             svg.Line("Lethe, page off", [*exact, None, None], 4, True)]
    title = f"Ticks of 0x0003 on {vps} VPs over the ranges of the list"
    return svg.chart(title, "ranges", list(RANGES), "ticks", lines)


def profile():
    """(text with the table of docs/results/profile.tsv, instructions of every
    exit, instructions of a remote flush)"""
    head, rows = read("profile.tsv")
    cost = {(row["row"], row["function"]): int(row["instructions"])
            for row in rows}
    names = list(dict.fromkeys(row["row"] for row in rows))
    functions = [name for name in STAGES if any(f == name for _, f in cost)]
    functions += sorted({f for _, f in cost} - set(functions))
    text = PROFILE.format(commit=head[0].split()[1])
    text += f"| function | {' | '.join(f'`{name}`' for name in names)} | |\n"
    text += "|---" * (len(names) + 2) + "|\n"
    for function in functions:
        cells = [str(cost.get((name, function), "–")) for name in names]
        text += (f"| `{function}` | {' | '.join(cells)} | "
                 f"{STAGES.get(function, '')} |\n")
    sums = [sum(count for (row, _), count in cost.items() if row == name)
            for name in names]
    text += f"| sum | {' | '.join(map(str, sums))} | |\n"
    every = sum(cost["unknown", name] for name in (
        "bench", "entry_exit", "loop_exit", "entry_window_begin"))
    return text, every, cost["remote", "flush_others"]


def above_aim(counts, cost):
    """The rows above an eighth: `row` (VPs)"""
    found = {name: [str(vps) for vps in counts
                    if cost["lethe", vps, name][1] >
                    cost["kvm", vps, name][1] // AIM] for name in CALLS}
    return [f"`{name}` ({', '.join(vps)} VPs)"
            for name, vps in found.items() if vps]


def generate():
    """{path: text}"""
    head, rows = read("peer-bench.tsv")
    _, suites = read("peer-suites.tsv")
    cost = {(row["peer"], int(row["vps"]), row["row"]):
            (int(row["min"]), int(row["median"])) for row in rows}
    counts = sorted({vps for _, vps, _ in cost})
    version_line = next(line for line in head if line.startswith("kernel "))
    series = ".".join(version_line.split()[-1].split(".")[:2])
    states = [row["state"] for row in suites]
    text = INTRO + "\nMeasured with:\n\n"
    text += "".join(f"    {line}\n" for line in head)
    text += "\n".join(line for vps in counts for line in table(vps, cost))
    text += "\n\n![over VPs](performance-vps.svg)\n"
    text += "\n![over ranges](performance-ranges.svg)\n"
    found, every, remote = profile()
    reached = [name for name in CALLS if cost["lethe", 2, name][1] <=
               cost["kvm", 2, name][1] // AIM]
    text += found + LIMITS.format(
        reached=len(reached), rows=len(CALLS),
        target=(cost["lethe", counts[-1], "both"][1] -
                cost["lethe", 2, "both"][1]) // (counts[-1] - 2),
        above=", ".join(above_aim(counts, cost)) or "none",
        exit=every, share=every / (cost["kvm", 2, "unknown"][1] // AIM),
        remote=remote)
    text += OUTRO.format(series=series)
    text += own_runs.shared() + own_runs.invvpids()
    text += SUITES.format(passed=states.count("PASS"),
                          skipped=states.count("SKIP"),
                          known=states.count("KNOWN"))
    return {ROOT / "docs/performance.md": text,
            ROOT / "docs/performance-vps.svg": over_vps(counts, cost),
            ROOT / "docs/performance-ranges.svg": over_ranges(counts[-1], cost)}


def check():
    """What is wrong, for lint/run.py."""
    return written.differing(generate(), "docs.performance")


def main():
    return written.run("performance", __doc__, generate, check)


if __name__ == "__main__":
    cli.main("performance", main)
