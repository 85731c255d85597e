# SPDX-License-Identifier: MIT
"""Counts the instructions of one call, a row of the guest's suite `bench`, by
function.

Stops the emulator at a VMCALL of the row after its warm-up, lets it trace
every instruction of the caller's CPU up to the RDTSC after the call, and adds
them up by function. A tick of Bochs is an instruction, so the sum is the row's
cost. Of the rows `target`, `target16` and `reflected_shadow` only the
hypervisor's instructions count, from the target's VM exit, or that of the page
fault, to the VM entry. --list shows each instruction, --accept writes
docs/results/profile.tsv.
"""

import bisect
import collections
import re
import subprocess

from lethe import cli, elf
from lethe.debug import stopped
from lethe.machine import ending, image
from lethe.machine.process import boot
from lethe.measure import bench
from lethe.project import ROOT, commit

RESULT = ROOT / "docs/results/profile.tsv"
# Row of one exit: its CPU, and which exit of the trace it is. Between two page
# faults that the guest gets is one that loads the page beside it.
EXITS = {"target": ("1", 0), "target16": ("1", 0), "reflected_shadow": ("0", 1)}
# The emulator traces the CPU that has stopped, or the one that is named.
TRACE_ON = {row: ["set $cpu=1", "trace on", "set $cpu=0"]
            for row in ("target", "target16")}
CALLS_BEFORE = 40
LIMIT = 300
TRACED = re.compile(r"^\((\d+)\)\.\[\d+\] \[0x[0-9a-f]+\] "
                    r"[0-9a-f]{4}:([0-9a-f]{16}) \([^)]*\): (.*?)\s*;",
                    re.MULTILINE)


class Symbols:
    """Names of addresses, for the hypervisor and the guest together: their
    addresses do not overlap."""

    def __init__(self, *files):
        found = sorted(one for path in files
                       for one in elf.code_symbols(path))
        self.at, self.names = zip(*found)

    def address(self, name):
        return self.at[self.names.index(name)]

    def name(self, address):
        # without the suffix that the compiler may have added
        name = self.names[bisect.bisect(self.at, address) - 1]
        return name.partition(".")[0]


def run(*command):
    return subprocess.run(command, check=True, text=True,
                          stdout=subprocess.PIPE).stdout


def stops_at_calls(build, function):
    """The addresses of the VMCALLs in a function of the guest, and of the
    instruction before each: the emulator does not stop at the first instruction
    of a CPU's turn, which may be the VMCALL each time"""
    listing = run("objdump", "-d", "--no-show-raw-insn", build.guest)
    body = listing.partition(f"<{function}>:")[2].partition(">:\n")[0]
    found = re.findall(r"([0-9a-f]+):\t[^\n]*\n\s*([0-9a-f]+):\tvmcall", body)
    if not found:
        raise cli.Wrong(f"expected a VMCALL in the guest's {function}(), "
                        "found none")
    return [address for pair in found for address in pair]


def trace(build, symbols, row):
    """[(address, instruction)] of one call, or of one exit"""
    name = row.removesuffix(bench.SHADOW).removesuffix(bench.DEFAULT)
    guest = ("paging = shadow" if row.endswith(bench.SHADOW) else
             "" if name.endswith(bench.EXACT) else bench.CONTEXT)
    name = name.removesuffix(bench.EXACT)
    privileges = "all" if row.endswith(bench.DEFAULT) else "all -vp-registers"
    text = image.config(
        f"suite={'bench-target' if row in EXITS else 'bench'} only={name} "
        "cpus=2", privileges=privileges, guest=guest)
    if name == "reflected":
        # two instructions, as stops_at_calls() says; the first is RDTSC
        take = symbols.address("take")
        stops = [f"{take:x}", f"{take + 2:x}"]
    else:
        stops = stops_at_calls(build, "target" if row in EXITS else "bench")
    # The loader's code is at the guest's addresses: run past it first
    first = [symbols.address(name) for name in stopped.AFTER_LOADER]
    lines = [*(f"lb 0x{at:x}" for at in first), "c",
             *(f"d {i + 1}" for i in range(len(first))),
             *(f"lb 0x{at}" for at in stops),
             *["c"] * CALLS_BEFORE, *TRACE_ON.get(row, ["trace on"]),
             *["c"] * 5, "q"]
    with build.run_folder(f"profile-{row}") as place:
        command = image.command(build, place.path, "rom", text, 2)
        (place.path / "debugger").write_text("\n".join(lines) + "\n")
        outcome = boot(place, command, LIMIT)
        output = (place.path / "stdout.txt").read_text(errors="replace")
        call = (one_exit(output, *EXITS[row]) if row in EXITS
                else one_call(output))
        if not call:
            raise cli.Wrong("\nprofile: ".join(ending.explain(
                place, outcome, f"row {row}: no call was traced")))
    return call


def one_call(output):
    """[(address, instruction)] of the trace's first call; empty without one."""
    found = [(int(address, 16), text)
             for cpu, address, text in TRACED.findall(output) if cpu == "0"]
    begin = next((i for i, one in enumerate(found) if one[1] == "vmcall"), -1)
    end = next((i for i, one in enumerate(found[begin + 1:], begin + 1)
                if one[1] == "rdtsc" and one[0] < 1 << 47), -1)
    return [] if begin < 0 or end < 0 else found[begin:end + 1]


def one_exit(output, cpu, number):
    """[(address, instruction)] of the trace's exit `number` of that CPU, from
    the hypervisor's first instruction to its last; empty without one."""
    runs = [[]]
    for found, address, text in TRACED.findall(output):
        if found != cpu:
            continue
        if int(address, 16) >= 1 << 47:
            runs[-1].append((int(address, 16), text))
        elif runs[-1]:
            runs.append([])
    # the last one has no end
    return runs[number] if number < len(runs) - 1 else []


def main():
    parser = cli.Parser("profile", __doc__, build=True)
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--accept", action="store_true")
    parser.add_argument("row", nargs="+")
    args = parser.parse_args()
    cli.choose(args.row, (*bench.BOTH_WAYS, *EXITS, *bench.ADDED),
               "row of the bench", "bench/baseline.csv", exact=True)
    build = image.Build(args.build)
    build.require(build.hypervisor, build.guest)
    symbols = Symbols(build.hypervisor, build.guest)
    lines = [f"# commit {commit()}", "row\tfunction\tinstructions"]
    for row in args.row:
        traced = trace(build, symbols, row)
        counts = collections.Counter(symbols.name(at) for at, _ in traced)
        print(f"# {row}: {len(traced)} instructions")
        for name, count in counts.items():  # in the order of execution
            print(f"{count:5} {name}")
            lines.append(f"{row}\t{name}\t{count}")
        if args.list:
            for at, text in traced:
                print(f"{at:x} {symbols.name(at):24} {text}")
    if args.accept:
        RESULT.write_text("\n".join(lines) + "\n")
    return 0


if __name__ == "__main__":
    cli.main("profile", main)
