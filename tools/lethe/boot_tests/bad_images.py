# SPDX-License-Identifier: MIT
"""Guest images that Lethe must refuse, made from one that it takes.

Each function gets the bytes of an ELF64 image with a PVH note and returns a
variant with one fault.
"""

import struct

PHDR_SIZE = 56
PT_LOAD = 1
PT_NOTE = 4


def patched(elf, offset, data):
    return elf[:offset] + data + elf[offset + len(data):]


def phdrs(elf, kind):
    """Offsets of the program headers of that type."""
    start, = struct.unpack_from("<Q", elf, 32)
    count, = struct.unpack_from("<H", elf, 56)
    every = (start + i * PHDR_SIZE for i in range(count))
    return [at for at in every if struct.unpack_from("<I", elf, at)[0] == kind]


def empty(_):
    return b""


def text(_):
    return b"#!/bin/sh\necho not an ELF file, and longer than its header\n" * 4


def bzimage(_):
    """The first sectors of what Linux calls bzImage."""
    return patched(patched(bytes(2048), 0x1fe, b"\x55\xaa"), 0x202, b"HdrS")


def truncated(elf):
    """The file ends inside its last segment."""
    at = phdrs(elf, PT_LOAD)[-1]
    offset, = struct.unpack_from("<Q", elf, at + 8)
    return elf[:offset + 1]


def other_machine(elf):
    """e_machine: AArch64."""
    return patched(elf, 18, struct.pack("<H", 183))


def no_note(elf):
    """No PVH entry point: the note segments are gone."""
    for at in phdrs(elf, PT_NOTE):
        elf = patched(elf, at, struct.pack("<I", 0))
    return elf


def no_segments(elf):
    """e_phnum = 0."""
    return patched(elf, 56, struct.pack("<H", 0))


def too_high(elf):
    """The first segment lies at 2 GiB, above all RAM."""
    at = phdrs(elf, PT_LOAD)[0]
    return patched(elf, at + 24, struct.pack("<Q", 2 << 30))


def wraps(elf):
    """The first segment ends behind the last address."""
    at = phdrs(elf, PT_LOAD)[0]
    return patched(elf, at + 24, struct.pack("<Q", 2**64 - 4096))


def file_longer(elf):
    """p_filesz > p_memsz."""
    at = phdrs(elf, PT_LOAD)[0]
    memsz, = struct.unpack_from("<Q", elf, at + 40)
    return patched(elf, at + 40, struct.pack("<Q", memsz // 2))


MAKERS = {maker.__name__: maker for maker in (
    empty, text, bzimage, truncated, other_machine, no_note, no_segments,
    too_high, wraps, file_longer)}


def make(elf, names):
    """Path in lethe.conf → bytes, for image.make_disk()."""
    return {f"bad/{name}.elf": MAKERS[name](elf) for name in names}
