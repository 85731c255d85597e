# SPDX-License-Identifier: MIT
"""Debian's kernel as the guest of a scenario."""

from lethe.linux_guest import machine, table
from lethe.machine import emulator, image

FUNCTIONS = ("hyperv_flush_tlb_multi", "flush_tlb_mm_range", "do_idle")
CHECKS = 3_000  # enough to be still at it when GDB comes


def command(build, folder, guest, com2):
    """The emulator's command. `guest`: more lines of its partition."""
    # with another clock the UART's characters come too fast for a packet
    row = table.Row("gdb", "", tsc_hz=emulator.IPS,
                    jobs="symbols,coherence", checks=CHECKS,
                    cmdline="mitigations=off test.symbols="
                    + ",".join(FUNCTIONS), guest=guest)
    made = machine.parts(build, row)
    return image.command(build, folder, row.loader, made.text, row.cpus,
                         made.files, memory=row.memory + 192, com2=com2)
