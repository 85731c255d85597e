# SPDX-License-Identifier: MIT
"""Guest images that Lethe must refuse, made from one that it accepts.

Each function gets the bytes of an ELF64 image with a PVH note and returns a
variant with one fault.
"""

import io

from elftools.elf.elffile import ELFFile

from lethe.elf import segments


def patched(data, offset, new):
    return data[:offset] + new + data[offset + len(new):]


def with_header(data, **fields):
    """The image with other values in its ELF header."""
    elf = ELFFile(io.BytesIO(data))
    elf.header.update(fields)
    return patched(data, 0, elf.structs.Elf_Ehdr.build(elf.header))


def with_segment(data, number, kind="PT_LOAD", **fields):
    """The image with other values in the program header of one segment of that
    kind. A value may be a function that gets the header and returns it."""
    elf = ELFFile(io.BytesIO(data))
    at, header = segments(elf, kind)[number]
    header.update({name: value(header) if callable(value) else value
                   for name, value in fields.items()})
    return patched(data, at, elf.structs.Elf_Phdr.build(header))


def empty(_):
    return b""


def text(_):
    return b"#!/bin/sh\necho not an ELF file, and longer than its header\n" * 4


def bzimage(_):
    """A bzImage of boot protocol 0.0."""
    return patched(patched(bytes(2048), 0x1fe, b"\x55\xaa"), 0x202, b"HdrS")


def truncated(data):
    """The file ends inside its last segment."""
    _, header = segments(ELFFile(io.BytesIO(data)), "PT_LOAD")[-1]
    return data[:header["p_offset"] + 1]


def other_machine(data):
    return with_header(data, e_machine="EM_AARCH64")


def no_note(data):
    """No PVH entry point: the note segments are gone."""
    for _ in segments(ELFFile(io.BytesIO(data)), "PT_NOTE"):
        data = with_segment(data, 0, "PT_NOTE", p_type="PT_NULL")
    return data


def no_segments(data):
    return with_header(data, e_phnum=0)


def too_high(data):
    """The first segment lies at 2 GiB, above all RAM."""
    return with_segment(data, 0, p_paddr=2 << 30)


def wraps(data):
    """The first segment ends above the last address."""
    return with_segment(data, 0, p_paddr=2**64 - 4096)


def file_longer(data):
    """p_filesz > p_memsz."""
    return with_segment(data, 0, p_memsz=lambda header: header["p_memsz"] // 2)


MAKERS = {maker.__name__: maker for maker in (
    empty, text, bzimage, truncated, other_machine, no_note, no_segments,
    too_high, wraps, file_longer)}


def make(elf, names):
    """Path in lethe.conf → bytes, for image.make_disk()."""
    return {f"bad/{name}.elf": MAKERS[name](elf) for name in names}
