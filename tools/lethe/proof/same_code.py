# SPDX-License-Identifier: MIT
"""Compares the code of two ELF files, function by function.

It is for changes that only move code: both builds must have the same
functions, and each the same instructions. Addresses may differ, so each one is
replaced by what is there: the function or object and the offset in it, or the
text of a string. Functions with the same name (static ones of several files)
are compared as a set, without the number that the linker adds to a name. The
tool prints each function that differs, with the instructions, and the objects
that only one file has or that differ in size. If only the file and the line of
an assertion differ, it prints only the name. The last line is
`N functions, M differ, K in the place of an assertion`. In a build with
`make lto=` no function is inlined into another file's.
"""

import bisect
import collections
import difflib
import pathlib
import re
import subprocess

from lethe import cli, elf

HEAD = re.compile(r"^([0-9a-f]+) <(.+)>:$")
LINE = re.compile(r"^ *([0-9a-f]+):\t([0-9a-f ]+?) *(?:\t(.*))?$")
NUMBER = re.compile(r"-?0x[0-9a-f]+")
TARGET = re.compile(r"\b([0-9a-f]+) <[^>]*>")
BESIDE = re.compile(r"-?0x[0-9a-f]+\((%rip\)\S*) +# ([0-9a-f]+)(?: <[^>]*>)?$")
# What fills the space between two functions
PADDING = re.compile(r"^(?:cs |data16 )*(?:nop[wl]?\b.*|xchg   %ax,%ax|int3)$")
# The place of an assertion: an argument of port_panic()
FILE = re.compile(r"^ *\d+ mov    \$'[\w/]+\.[ch]',%rdx$")
ROW = re.compile(r"^ *\d+ mov    \$0x[0-9a-f]+,%ecx$")
NEAR = 4  # at most this many instructions are between file and line
NUMBERED = re.compile(r"\.lto_priv\.\d+")
TEXT = re.compile(r"[ -~\t\r\n]*")
PLACES = 1 << 64


def objdump(*words):
    return subprocess.run(["objdump", *map(str, words)], check=True, text=True,
                          stdout=subprocess.PIPE).stdout.splitlines()


class Image:
    """Sections and symbols of an ELF file, and what lies at an address.

    Data that have no symbol and are not text, such as jump tables, are not
    compared.
    """

    def __init__(self, path):
        self.path = path
        self.sections = []  # (begin, end, bytes)
        self.symbols = []  # (address, size, name), functions and objects
        self.labels = {}  # {address: name}
        with elf.opened(path) as file:
            for section in file.iter_sections():
                begin, size = section["sh_addr"], section["sh_size"]
                if begin and size:
                    self.sections.append((begin, begin + size, section.data()))
            for symbol in elf.symbols(file):
                kind, address = symbol["st_info"]["type"], symbol["st_value"]
                if kind in ("STT_NOTYPE", "STT_SECTION") and symbol.name:
                    self.labels[address] = symbol.name
                if kind in ("STT_FUNC", "STT_OBJECT"):
                    self.symbols.append((address, symbol["st_size"],
                                         NUMBERED.sub("", symbol.name)))
        self.symbols.sort()

    def section(self, address):
        return next((part for part in self.sections
                     if part[0] <= address < part[1]), None)

    def what(self, address):
        """Name and offset, a string's text, or None outside of the image."""
        part = self.section(address)
        if part is None:
            return self.labels.get(address)
        at = bisect.bisect_right(self.symbols, (address, PLACES, "")) - 1
        if at >= 0:
            begin, size, name = self.symbols[at]
            if address < begin + max(size, 1):
                return f"<{name}+{address - begin:#x}>"
        if address in self.labels:
            return f"<{self.labels[address]}>"
        text = part[2][address - part[0]:].split(b"\0")[0].decode("latin-1")
        return repr(text) if TEXT.fullmatch(text) else "<data>"

    def number(self, found):
        value = int(found[0], 16) % PLACES
        return self.what(value) or found[0]

    def instruction(self, text, function):
        """The text of an instruction without addresses."""
        text = BESIDE.sub(lambda m: f"{self.what(int(m[2], 16))}({m[1]}", text)
        target = TARGET.search(text)
        if target:
            address = int(target[1], 16)
            begin, end = function
            place = (f"here+{address - begin:#x}" if begin <= address < end
                     else self.what(address) or target[1])
            return text[:target.start()] + place
        return NUMBER.sub(self.number, text)

    def functions(self):
        """{name: [instructions of each function of that name]}"""
        found = collections.defaultdict(list)
        for name, begin, lines in self.parts():
            function = begin, begin + sum(size for _, size, _ in lines)
            while lines and PADDING.match(lines[-1][2]):
                lines.pop()
            found[name].append([f"{size:2} {self.instruction(text, function)}"
                                for _, size, text in lines])
        return found

    def parts(self):
        """(name, address, [(address, bytes, text)]) as the listing has them"""
        name, begin, lines = None, 0, []
        for line in objdump("-d", "-w", self.path):
            head = HEAD.match(line)
            if head:
                if name:
                    yield name, begin, lines
                name, begin = NUMBERED.sub("", head[2]), int(head[1], 16)
                lines = []
            row = LINE.match(line)
            if row:
                lines.append((int(row[1], 16), len(row[2].split()),
                              (row[3] or "").strip()))
        if name:
            yield name, begin, lines

    def objects(self):
        """How often there is an object of a name and size"""
        code = {name for name, _, _ in self.parts()}
        return collections.Counter(
            f"{name}: {size} bytes" for _, size, name in self.symbols
            if name not in code)


def placeless(lines):
    """The instructions without file and line of assertions"""
    kept = list(lines)
    for at, text in enumerate(lines):
        if not FILE.match(text):
            continue
        kept[at] = "file"
        for beside in range(max(at - NEAR, 0), min(at + NEAR, len(lines))):
            if ROW.match(lines[beside]):
                kept[beside] = "line"
    return kept


def only_in(name, mine, other, label):
    """Lines about functions that only one file has, and the differences where
    both have one left."""
    left = [text for text in mine if text not in other]
    right = [text for text in other if text not in mine]
    for number in range(max(len(left), len(right))):
        before = left[number] if number < len(left) else []
        after = right[number] if number < len(right) else []
        yield f"{name}: differs" if before and after else \
            f"{name}: only in {label[0] if before else label[1]}"
        if before and after:
            yield from difflib.unified_diff(before, after, "before", "after",
                                            lineterm="", n=1)


def compare(before, after):
    """(number of functions, names of those that differ, names of those that
    differ in the place of an assertion, lines to print)"""
    old, new = before.functions(), after.functions()
    wrong, places, lines = [], [], []
    for name in sorted(old.keys() | new.keys()):
        mine, other = old.get(name, []), new.get(name, [])
        if sorted(mine) == sorted(other):
            continue
        if sorted(map(placeless, mine)) == sorted(map(placeless, other)):
            places.append(name)
            lines.append(f"{name}: differs only in the place of an assertion")
        else:
            wrong.append(name)
            lines += only_in(name, mine, other, (before.path, after.path))
    for label, more, fewer in (("before", before, after),
                               ("after", after, before)):
        lines += [f"object only {label}: {what}" for what in
                  sorted((more.objects() - fewer.objects()).elements())]
    return sum(map(len, new.values())), wrong, places, lines


def main():
    parser = cli.Parser("same_code", __doc__)
    parser.add_argument("before", type=pathlib.Path)
    parser.add_argument("after", type=pathlib.Path)
    parser.add_argument("--names", action="store_true",
                        help="only the names of functions that differ")
    args = parser.parse_args()
    count, wrong, places, lines = compare(Image(args.before),
                                          Image(args.after))
    for line in wrong if args.names else lines:
        print(line)
    print(f"{count} functions, {len(wrong)} differ, "
          f"{len(places)} in the place of an assertion")
    return 1 if wrong else 0


if __name__ == "__main__":
    cli.main("same_code", main)
