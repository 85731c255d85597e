# SPDX-License-Identifier: MIT
"""Makes an ELF core file of Lethe from the host-physical memory of a machine.

Lethe's image is found by its first instructions, at a multiple of 2 MiB, where
loaders put it; the page tables of root mode then say where the rest is. The
core file has what root mode maps, at its linear addresses: the image, the
stacks, the used part of the pool, and the handoff. It does not have the memory
and files of partitions. Each CPU whose registers are known is a thread of the
core file.
"""

import dataclasses
import struct
import subprocess

from lethe import cli

MIB = 1 << 20
PAGE = 4096
STEP = 2 * MIB  # the loaders put the image at a multiple of this,
BELOW = 1 << 32  # and below this
PRESENT, WRITABLE, LARGE = 1, 2, 1 << 7
ADDRESS = 0x000FFFFFFFFFF000
DIRECT_MAP = 0xFFFF800000000000
STACKS = 0xFFFFC00000000000
IMAGE = 0xFFFFFFFF80000000
HANDOFF_MAGIC = 0x31304548544541
HEAD = 64  # bytes of code that identify the image

ELF_HEADER = struct.Struct("<16sHHIQQQIHHHHHH")
PROGRAM_HEADER = struct.Struct("<IIQQQQQQ")
ET_CORE, EM_X86_64, PT_LOAD, PT_NOTE, NT_PRSTATUS = 4, 62, 1, 4, 1
PRSTATUS = 336
PRSTATUS_PID, PRSTATUS_REGS = 32, 112
# struct user_regs_struct of Linux, which NT_PRSTATUS holds
ORDER = ("r15", "r14", "r13", "r12", "rbp", "rbx", "r11", "r10", "r9", "r8",
         "rax", "rcx", "rdx", "rsi", "rdi", "orig_rax", "rip", "cs", "eflags",
         "rsp", "ss", "fs_base", "gs_base", "ds", "es", "fs", "gs")


def symbols(elf):
    """{name: address}"""
    text = subprocess.run(["nm", elf], check=True, text=True,
                          stdout=subprocess.PIPE).stdout
    rows = (line.split() for line in text.splitlines())
    return {row[2]: int(row[0], 16) for row in rows if len(row) == 3}


def first_code(elf):
    """The first bytes of the image, from its first PT_LOAD."""
    data = elf.read_bytes()
    offset, = struct.unpack_from("<Q", data, 32)
    at, = struct.unpack_from("<Q", data, offset + 8)
    return data[at:at + HEAD]


class RawFile:
    """Memory from address 0 in a file, as by QEMU's `pmemsave 0 SIZE FILE`."""

    def __init__(self, path):
        self.path = path
        self.size = path.stat().st_size

    def read(self, *pieces):
        found = []
        with open(self.path, "rb") as file:
            for at, size in pieces:
                file.seek(at)
                found.append(file.read(size).ljust(size, b"\0"))
        return found


@dataclasses.dataclass
class Area:
    """A run of pages, contiguous in linear and in physical addresses."""

    va: int
    hpa: int
    size: int
    rights: int


class Memory:
    """What root mode maps. `source` has a method read(); `size` is that of the
    machine's memory."""

    def __init__(self, source, size, elf):
        self.source = source
        self.names = symbols(elf)
        self.image = self.find_image(min(size, BELOW), first_code(elf))
        self.root = self.variable("root")

    def find_image(self, size, code):
        places = range(STEP, size, STEP)
        heads = self.source.read(*((at, HEAD) for at in places))
        for at, head in zip(places, heads):
            if head == code:
                return at
        raise cli.Wrong("expected the hypervisor of this build in the "
                        "machine's memory, found none; it has not started, or "
                        "the machine runs another build")

    def variable(self, name):
        """A 64-bit variable of the image."""
        at = self.names[name] - IMAGE + self.image
        data, = self.source.read((at & ~15, 16))
        return struct.unpack_from("<Q", data, at & 15)[0]

    def walk(self, table, level, va, areas):
        """Adds the leaves below a table to `areas`; joins contiguous ones."""
        data, = self.source.read((table, PAGE))
        span = 1 << (12 + 9 * level)
        for index, entry in enumerate(struct.unpack("<512Q", data)):
            if not entry & PRESENT:
                continue
            here = va + index * span
            if level == 3 and index >= 256:
                here |= 0xFFFF << 48
            if level and not entry & LARGE:
                self.walk(entry & ADDRESS, level - 1, here, areas)
                continue
            leaf = Area(here, entry & ADDRESS & ~(span - 1), span,
                        entry & WRITABLE)
            last = areas[-1] if areas else None
            if last and last.va + last.size == leaf.va and \
                    last.hpa + last.size == leaf.hpa and \
                    last.rights == leaf.rights:
                last.size += span
            else:
                areas.append(leaf)

    def is_handoff(self, area):
        data, = self.source.read((area.hpa, 16))
        return struct.unpack_from("<Q", data)[0] == HANDOFF_MAGIC

    def chosen(self):
        """The areas of the core file."""
        if not self.root:  # it stopped before it made its own tables
            size = self.names["section_data_end"] - IMAGE
            return [Area(IMAGE, self.image, size, WRITABLE)]
        areas = []
        self.walk(self.root, 3, 0, areas)
        found = [area for area in areas if area.va >= STACKS]
        for area in areas:
            if area.va >= STACKS:
                continue
            if not area.rights and self.is_handoff(area):
                found.append(area)
        # The root of the page tables is the first page taken from the pool
        used = self.variable("pool_next") - self.root
        found.append(Area(DIRECT_MAP + self.root, self.root, used, WRITABLE))
        return sorted(found, key=lambda area: area.va)


def note(number, registers):
    """NT_PRSTATUS of a CPU; its thread number is one more than the CPU's."""
    data = bytearray(PRSTATUS)
    struct.pack_into("<I", data, PRSTATUS_PID, number + 1)
    struct.pack_into(f"<{len(ORDER)}Q", data, PRSTATUS_REGS,
                     *(registers.get(name, 0) for name in ORDER))
    return struct.pack("<III8s", 5, PRSTATUS, NT_PRSTATUS, b"CORE") + data


def write(path, memory, registers=()):
    """Writes the core file with the registers of each CPU; returns its size.
    """
    areas = memory.chosen()
    contents = memory.source.read(*((area.hpa, area.size) for area in areas))
    notes = b"".join(note(n, regs) for n, regs in enumerate(registers))
    count = len(areas) + 1
    at = ELF_HEADER.size + count * PROGRAM_HEADER.size
    head = ELF_HEADER.pack(b"\x7fELF\2\1\1".ljust(16, b"\0"), ET_CORE,
                           EM_X86_64, 1, 0, ELF_HEADER.size, 0, 0,
                           ELF_HEADER.size, PROGRAM_HEADER.size, count, 0, 0,
                           0)
    head += PROGRAM_HEADER.pack(PT_NOTE, 0, at, 0, 0, len(notes), 0, 4)
    at += len(notes)
    for area, data in zip(areas, contents):
        head += PROGRAM_HEADER.pack(PT_LOAD, 6 if area.rights else 4, at,
                                    area.va, area.hpa, len(data), len(data),
                                    1)
        at += len(data)
    path.write_bytes(head + notes + b"".join(contents))
    return at
