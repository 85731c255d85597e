# SPDX-License-Identifier: MIT
"""Puts the names of functions and data into the sanitizer's findings.

Reads a console, or a part of it, from FILE or stdin, and prints each line
`sanitize finding` with the symbol behind `rip=` and, where it lies in one,
behind `gva=`. SYMBOLS is /proc/kallsyms of the guest, a System.map, or an ELF
file with a symbol table; --program adds those of a program that runs in the
guest, an ELF file. --all prints the other lines too.
"""

import bisect
import re
import sys

from lethe import cli, elf
from lethe.machine import console

FINDING = re.compile(r"^\[\d+\] \S+: sanitize finding ", re.MULTILINE)
ADDRESS = re.compile(r"\b(rip|gva)=(0x[0-9a-f]+)")
ROW = re.compile(r"^([0-9a-f]{1,16}) (\S) (\S+)", re.MULTILINE)
# A symbol without a size reaches to the next one, but at most so far
REACH = 1 << 20
ELF_KINDS = ("STT_FUNC", "STT_OBJECT", "STT_NOTYPE")
PER_CPU = 1 << 32  # addresses below are offsets, not places


class Symbols:
    """Names of addresses. `rows`: (address, size or 0, name)."""

    def __init__(self, rows):
        self.rows = sorted(rows, key=lambda row: row[0])
        self.starts = [row[0] for row in self.rows]

    def name(self, address):
        """`name+0x12`, or None."""
        at = bisect.bisect_right(self.starts, address) - 1
        if at < 0:
            return None
        # of several with one address the first one has the name
        first = bisect.bisect_left(self.starts, self.starts[at])
        start, size, name = self.rows[first]
        after = self.starts[at + 1] if at + 1 < len(self.starts) else \
            start + REACH
        reach = size or min(after - start, REACH)
        if address - start >= reach:
            return None
        return f"{name}+{address - start:#x}"


def of_text(text):
    """The rows of /proc/kallsyms or a System.map; raises Wrong where all
    addresses are hidden."""
    found = [(int(at, 16), 0, name) for at, _, name in ROW.findall(text)
             if int(at, 16) >= PER_CPU]
    if not found:
        raise cli.Wrong("expected lines `ADDRESS TYPE NAME` with addresses, "
                        "found none; root reads /proc/kallsyms with "
                        "kernel.kptr_restrict at 0 or 1")
    return found


def of_elf(path):
    with elf.opened(path) as file:
        found = [(one["st_value"], one["st_size"], one.name)
                 for one in elf.symbols(file)
                 if one.name and one["st_shndx"] != "SHN_UNDEF"
                 and one["st_info"]["type"] in ELF_KINDS
                 and one["st_value"] != 0]
    if not found:
        raise cli.Wrong(f"{path}: expected an ELF file with a symbol table, "
                        "found none in it")
    return found


def load(*paths):
    """The Symbols of some files."""
    return Symbols([row for path in paths for row in rows_of(path)])


def rows_of(path):
    with open(path, "rb") as file:
        data = file.read()
    if data[:4] == b"\x7fELF":
        return of_elf(path)
    return of_text(data.decode("latin-1"))


def line_with_names(symbols, line):
    def named(found):
        name = symbols.name(int(found[2], 16))
        return found[0] + (f" ({name})" if name else "")

    return ADDRESS.sub(named, line)


def findings(symbols, text):
    """The findings of a console, with names."""
    return [line_with_names(symbols, line) for line in text.splitlines()
            if FINDING.match(line)]


def main():
    parser = cli.Parser("symbolise", __doc__)
    parser.add_argument("--all", action="store_true",
                        help="print the lines that are no findings too")
    parser.add_argument("--program", action="append", default=[],
                        metavar="ELF")
    parser.add_argument("symbols", metavar="SYMBOLS")
    parser.add_argument("file", nargs="?", metavar="FILE",
                        help="the console (stdin)")
    args = parser.parse_args()
    symbols = load(args.symbols, *args.program)
    if args.file:
        with open(args.file, "rb") as file:
            data = file.read()
    else:
        data = sys.stdin.buffer.read()
    text = console.clean(data)
    for line in text.splitlines():
        if FINDING.match(line):
            print(line_with_names(symbols, line))
        elif args.all:
            print(line)
    return 0


if __name__ == "__main__":
    cli.main("symbolise", main)
