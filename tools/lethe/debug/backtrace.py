# SPDX-License-Identifier: MIT
"""Turns the report of a panic into a backtrace: function, file and line of
each call, with the functions that the compiler inlined.

Reads a console, or a part of it that has a whole report, from FILE or stdin.
The frames come from the unwind data of lethe.debug, which has to be of the same
build, and from the words of the stack in the report. Where these end, the words
that the report marks with `?` follow as `maybe`.
"""

import bisect
import re
import subprocess
import sys

from elftools.dwarf.callframe import FDE

from lethe import cli, elf
from lethe.machine import console, image

LINE = re.compile(r"^(?:\[0\] before: )?\[(\d+)\] panic: (.*)$",
                  re.MULTILINE)
BUILD = re.compile(r"\] boot: lethe \S+ commit=(\S+) ")
REGISTER = re.compile(r"\b(r[a-z0-9]+|caller)=0x([0-9a-f]+)")
STACK = re.compile(r"^stack 0x([0-9a-f]+):((?: 0x[0-9a-f]+\??)+)$")
NO_REPORT = ("expected the report of a panic, lines `[N] panic: …` with "
             "`version=` and `rsp=`, found none")

# DWARF's numbers: System V ABI, x86-64, "DWARF Register Number Mapping"
NUMBERS = {"rbx": 3, "rbp": 6, "rsp": 7, "r12": 12, "r13": 13, "r14": 14,
           "r15": 15}
RSP = NUMBERS["rsp"]
FRAMES_MAX = 64


class Report:
    """What the first report of a console says. `rip` is where the CPU was,
    `is_call` says that it is the address after a call."""

    def __init__(self, text):
        self.memory, self.likely, found = {}, set(), {}
        cpu = None
        for number, line in LINE.findall(text):
            if cpu is None and line.startswith("version="):
                cpu, self.what = number, line
            if number != cpu:
                continue
            stack = STACK.match(line)
            if stack:
                self._words(int(stack[1], 16), stack[2].split())
            elif not line.startswith(("guest ", "cpu ", "partition=")):
                found.update(REGISTER.findall(line))
        registers = {name: int(value, 16) for name, value in found.items()}
        self.is_call = "caller" in registers
        self.rip = registers.get("caller", registers.get("rip"))
        self.registers = {NUMBERS[name]: value for name, value
                          in registers.items() if name in NUMBERS}
        if self.rip is None or RSP not in self.registers:
            raise cli.Wrong(NO_REPORT)

    def _words(self, at, words):
        for word in words:
            self.memory[at] = int(word.rstrip("?"), 16)
            if word.endswith("?"):
                self.likely.add(at)
            at += 8


class Unwinder:
    """The unwind data of an ELF file."""

    def __init__(self, file):
        entries = file.get_dwarf_info().CFI_entries()
        self.fdes = sorted((fde["initial_location"], fde) for fde in entries
                           if isinstance(fde, FDE))
        self.starts = [start for start, _ in self.fdes]

    def row(self, address):
        """The rules that hold at an address, or None."""
        at = bisect.bisect_right(self.starts, address) - 1
        if at < 0 or address >= (self.starts[at]
                                 + self.fdes[at][1]["address_range"]):
            return None
        fde = self.fdes[at][1]
        rows = [row for row in fde.get_decoded().table
                if row["pc"] <= address]
        return rows[-1], fde.cie["return_address_register"]

    def caller(self, address, registers, memory):
        """(return address, registers of the caller, where the return address
        was), or None where the data or the words of the stack end."""
        found = self.row(address)
        if found is None:
            return None
        row, return_register = found
        cfa = row["cfa"]
        if cfa.expr is not None or registers.get(cfa.reg) is None:
            return None
        base = registers[cfa.reg] + cfa.offset
        before = {RSP: base}
        for number in NUMBERS.values():
            rule = row.get(number)
            if rule is None and number != RSP:
                before[number] = registers.get(number)
            elif rule is not None and rule.type == "OFFSET":
                before[number] = memory.get(base + rule.arg)
        at = base + row[return_register].arg
        return (memory[at], before, at) if at in memory else None


def frames(unwinder, report):
    """[(address in the instruction, address, whether it is proven)]: first
    what the unwind data gives, as long as it leads to words that may be return
    addresses, then the likely words after them."""
    address = report.rip - (1 if report.is_call else 0)
    registers, last = report.registers, report.registers[RSP] - 8
    found = [(address, report.rip, True)]
    while len(found) < FRAMES_MAX:
        step = unwinder.caller(address, registers, report.memory)
        if step is None or step[2] not in report.likely:
            break
        value, registers, last = step
        address = value - 1
        found.append((address, value, True))
    if len(found) > 1 and unwinder.row(address) is None:
        return found  # assembly: the stack begins there
    return found + [(report.memory[at] - 1, report.memory[at], False)
                    for at in sorted(report.likely) if at > last]


def places(path, addresses):
    """For each address [(function, file:line)], the innermost first."""
    words = [f"0x{address:x}" for address in addresses]
    text = subprocess.run(["addr2line", "-afie", str(path), *words], text=True,
                          check=True, stdout=subprocess.PIPE).stdout
    found = []
    lines = iter(text.splitlines())
    for line in lines:
        if line.startswith("0x"):
            found.append([])
        else:
            where = re.sub(r" \(discriminator \d+\)", "", next(lines))
            found[-1].append((line, where.removeprefix("./")))
    return found


def backtrace(build, text):
    """The lines of the backtrace."""
    report = Report(text)
    with elf.opened(build.debug) as file:
        stack = frames(Unwinder(file), report)
    yield report.what
    for (_, address, proven), calls in zip(
            stack, places(build.debug, [frame[0] for frame in stack])):
        mark = "      " if proven else "maybe "
        for number, (function, where) in enumerate(calls):
            last = number == len(calls) - 1
            yield (f"{mark}0x{address:x} {function} {where}"
                   + ("" if last else " (inlined)"))


def check_commit(build, text):
    """Complains if the report is of another commit than the build."""
    commits = BUILD.findall(text)
    if commits and commits[-1].encode() not in build.hypervisor.read_bytes():
        cli.say(f"backtrace: the report is of commit {commits[-1]}, "
                f"{build.hypervisor} of another")


def main():
    parser = cli.Parser("backtrace", __doc__, build=True)
    parser.add_argument("file", nargs="?", metavar="FILE",
                        help="the console (stdin)")
    args = parser.parse_args()
    build = image.Build(args.build)
    if args.file:
        with open(args.file, "rb") as file:
            data = file.read()
    else:
        data = sys.stdin.buffer.read()
    text = console.clean(data)
    check_commit(build, text)
    print("\n".join(backtrace(build, text)))
    return 0


if __name__ == "__main__":
    cli.main("backtrace", main)
