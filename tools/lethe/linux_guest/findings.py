# SPDX-License-Identifier: MIT
"""The sanitizer's findings of a row, with the names of the kernel's own symbols
and of those of guest-test/linux: in the file NAME.findings of the results."""

from lethe import cli
from lethe.debug import symbolise
from lethe.linux_guest import kernels, patch

ELF = b"\x7fELF"
SHOWN_MAX = 4


def kernel_rows(made):
    """The rows of symbolise.Symbols of the kernel; none if its table has
    another form."""
    data = made.files[made.image]
    try:
        if not data.startswith(ELF):
            data = kernels.vmlinux(data)
        return [(at, 0, name) for at, _, name in patch.Kernel(data).rows
                if at >= symbolise.PER_CPU]
    except cli.Wrong:
        return []


def named(build, made, text):
    if not symbolise.FINDING.search(text):
        return []
    rows = symbolise.rows_of(build.folder / "linux-init/init")
    return symbolise.findings(symbolise.Symbols(rows + kernel_rows(made)),
                              text)


def keep(build, row, made, text):
    """Writes the file; returns the first lines."""
    lines = named(build, made, text)
    path = build.folder / "results" / f"{row.name}.findings"
    path.write_text("".join(f"{line}\n" for line in lines))
    return lines[:SHOWN_MAX]
