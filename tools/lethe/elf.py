# SPDX-License-Identifier: MIT
"""What the tools read from ELF files, with python3-pyelftools."""

import contextlib

from elftools.elf.elffile import ELFFile
from elftools.elf.sections import SymbolTableSection

SHF_EXECINSTR = 4


@contextlib.contextmanager
def opened(path):
    with open(path, "rb") as file:
        yield ELFFile(file)


def symbols(elf):
    """The symbols of a file; each has a name and the fields of Elf64_Sym."""
    for section in elf.iter_sections():
        if isinstance(section, SymbolTableSection):
            yield from section.iter_symbols()


def code_symbols(path):
    """[(address, name)] of the symbols in sections with code, sorted."""
    with opened(path) as elf:
        code = {number for number, section in enumerate(elf.iter_sections())
                if section["sh_flags"] & SHF_EXECINSTR}
        return sorted((symbol["st_value"], symbol.name)
                      for symbol in symbols(elf)
                      if symbol["st_shndx"] in code and symbol.name
                      and symbol["st_info"]["type"] != "STT_SECTION")


def sizes(path):
    """{name: size in bytes} of the symbols of a file."""
    with opened(path) as elf:
        return {symbol.name: symbol["st_size"] for symbol in symbols(elf)}


def segments(elf, kind):
    """[(offset of the program header, program header)] of the segments of a
    type, such as PT_LOAD."""
    first, step = elf["e_phoff"], elf["e_phentsize"]
    return [(first + number * step, segment.header)
            for number, segment in enumerate(elf.iter_segments())
            if segment["p_type"] == kind]
