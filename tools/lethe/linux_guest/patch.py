# SPDX-License-Identifier: MIT
"""Makes a mistake in an unpacked kernel: tests/linux_patches.toml.

The new code lies behind the end of the kernel's text, in the rest of its last
page, and its counter at the end of a page of data that the kernel has for
suspending and that is empty otherwise.
"""

import dataclasses
import io
import pathlib
import re
import subprocess
import tempfile
import tomllib

from elftools.elf.elffile import ELFFile

from lethe import cli, elf
from lethe.linux import kallsyms
from lethe.project import ROOT

TABLE = ROOT / "tests/linux_patches.toml"
PAGE = 4096
JUMP = 5  # bytes of JMP rel32
NOP = b"\x90"
EMPTY = b"\0\xcc"  # what is behind the text
COUNTER_SIZE = 8
INSTRUCTION = re.compile(r"^ *([0-9a-f]+):\t(.*?) *$", re.MULTILINE)


@dataclasses.dataclass
class Patch:
    name: str
    what: str
    function: str
    site: list  # instructions, one after the other
    code: str
    anchors: dict = dataclasses.field(default_factory=dict)


@dataclasses.dataclass
class Done:
    """A kernel with the mistake."""

    image: bytes
    counter: int  # its address
    names: list  # (name, address), which the kernel has to confirm

    def words(self):
        """For the kernel's command line: what its first process prints."""
        names = ",".join(name for name, _ in self.names)
        return f"test.symbols={names} test.counter={self.counter}"


def load():
    """{name: Patch}"""
    rows = tomllib.loads(TABLE.read_text())["patch"]
    return {row["name"]: Patch(**row) for row in rows}


class Kernel:
    """An unpacked kernel."""

    def __init__(self, image):
        self.image = bytearray(image)
        self.parts = [head for _, head in elf.segments(
            ELFFile(io.BytesIO(image)), "PT_LOAD")]
        self.rows = kallsyms.symbols(image, self.parts[0]["p_vaddr"])
        self.places = {name: address for address, _, name in self.rows}

    def _part(self, address):
        for part in self.parts:
            if 0 <= address - part["p_vaddr"] < part["p_filesz"]:
                return part
        raise cli.Wrong(f"expected {address:#x} in the kernel's file, found "
                        "it in no segment")

    def offset(self, address):
        part = self._part(address)
        return address - part["p_vaddr"] + part["p_offset"]

    def place(self, name):
        if name not in self.places:
            raise cli.Wrong(f"expected {name} among the kernel's symbols, "
                            "found none")
        return self.places[name]

    def after(self, name):
        """Where the next symbol is."""
        first = self.place(name)
        return min(at for at, _, _ in self.rows if at > first)

    def read(self, address, size):
        at = self.offset(address)
        return bytes(self.image[at:at + size])

    def write(self, address, data):
        at = self.offset(address)
        self.image[at:at + len(data)] = data


def run(*command):
    return subprocess.run(list(map(str, command)), check=True, text=True,
                          stdout=subprocess.PIPE).stdout


def instructions(kernel, function):
    """[(address, instruction)] of a function, then (its end, '')."""
    first, after = kernel.place(function), kernel.after(function)
    with tempfile.NamedTemporaryFile() as file:
        file.write(kernel.read(first, after - first))
        file.flush()
        text = run("objdump", "-D", "-b", "binary", "-m", "i386:x86-64",
                   "--no-show-raw-insn", f"--adjust-vma={first:#x}",
                   file.name)
    found = [(int(at, 16), " ".join(what.split()))
             for at, what in INSTRUCTION.findall(text)]
    return [*found, (after, "")]


def find(lines, wanted, what):
    """The number of the first of the instructions, which occur once."""
    found = [number for number in range(len(lines) - len(wanted))
             if all(re.fullmatch(pattern, lines[number + step][1])
                    for step, pattern in enumerate(wanted))]
    if len(found) != 1:
        raise cli.Wrong(f"{what}: expected {'; '.join(wanted)} once, found "
                        f"{len(found)} of them: another kernel")
    return found[0]


def assemble(code, at, symbols):
    """The bytes of the code at an address."""
    words = [f"--defsym={name}={value:#x}" for name, value in symbols.items()]
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "code.s").write_text(f".globl _start\n_start:{code}")
        run("as", "-o", folder / "code.o", folder / "code.s")
        run("ld", f"-Ttext={at:#x}", *words, "-o", folder / "code",
            folder / "code.o")
        run("objcopy", "-O", "binary", "-j", ".text", folder / "code",
            folder / "bytes")
        return (folder / "bytes").read_bytes()


def room(kernel):
    """(first address behind the text, bytes)"""
    first = kernel.place("_etext") + 15 & ~15
    size = -first % PAGE
    if kernel.read(first, size).strip(EMPTY):
        raise cli.Wrong("expected nothing behind the kernel's text, found "
                        "bytes: another kernel")
    return first, size


def counter(kernel):
    first, after = kernel.place("__nosave_begin"), kernel.place("__nosave_end")
    at = after - COUNTER_SIZE
    if after - first != PAGE or kernel.read(at, COUNTER_SIZE).strip(b"\0"):
        raise cli.Wrong("expected a page of data that is not saved, found "
                        f"{after - first} bytes: another kernel")
    return at


def apply(patch, image):
    """The Done of a patch and an unpacked kernel."""
    kernel = Kernel(image)
    lines = instructions(kernel, patch.function)
    number = find(lines, patch.site, patch.name)
    first, back = lines[number][0], lines[number + len(patch.site)][0]
    if back - first < JUMP:
        raise cli.Wrong(f"{patch.name}: expected {JUMP} bytes or more, found "
                        f"{back - first}")
    symbols = {name: lines[find(lines, wanted, f"{patch.name}: {name}")][0]
               for name, wanted in patch.anchors.items()}
    at, size = room(kernel)
    word = counter(kernel)
    code = assemble(patch.code, at, {**symbols, "back": back,
                                     "counter": word})
    if len(code) > size:
        raise cli.Wrong(f"{patch.name}: expected at most {size} bytes of "
                        f"code, found {len(code)}")
    jump = assemble("\n\tjmp code\n", first, {"code": at})
    kernel.write(first, jump.ljust(back - first, NOP))
    kernel.write(at, code)
    return Done(bytes(kernel.image), word,
                [(patch.function, kernel.place(patch.function)),
                 ("_etext", kernel.place("_etext"))])
