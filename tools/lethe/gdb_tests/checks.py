# SPDX-License-Identifier: MIT
"""What checks inside GDB use: commands, values, memory, the console."""

import os
import pathlib
import re
import time

import gdb

SECONDS = 60  # for what the guest does by itself
STOPS = []  # events, in order
SERIAL = pathlib.Path(os.environ["LETHE_SERIAL"])


def run(command):
    return gdb.execute(command, to_string=True)


def value(expression):
    return int(gdb.parse_and_eval(expression)) & (1 << 64) - 1


def refused(command):
    """The error of a command that must fail."""
    try:
        run(command)
    except gdb.error as error:
        return str(error)
    raise AssertionError(f"expected an error of `{command}`, found none")


def symbol(name):
    return value(f"(unsigned long)&{name}")


def equal(what, got, want):
    if got != want:
        raise AssertionError(f"{what}: expected {want!r}, found {got!r}")


def memory(address, size):
    return bytes(gdb.selected_inferior().read_memory(address, size))


def threads():
    return sorted(gdb.selected_inferior().threads(), key=lambda t: t.num)


def one_thread_for_each_vp(count):
    """`info threads`, where each VP has a CPU for itself."""
    shown = run("info threads")
    for vp in range(count):
        if f"Thread 1.{vp + 1} (vp {vp} cpu {vp}: " not in shown:
            raise AssertionError(f"VP {vp} is not in:\n{shown}")
    equal("threads", len(threads()), count)


def instruction():
    """(mnemonic and operands, length) of the next instruction."""
    row = gdb.selected_frame().architecture().disassemble(value("$pc"))[0]
    return row["asm"], row["length"]


def printed():
    """The console until now."""
    return SERIAL.read_text(errors="replace")


def console(pattern, seconds=SECONDS):
    """Waits until the console matches."""
    end = time.monotonic() + seconds
    while not re.search(pattern, printed(), re.M):
        if time.monotonic() > end:
            raise AssertionError(f"the console does not show `{pattern}`")
        time.sleep(0.05)


def connect():
    run(f"target remote {os.environ['LETHE_LINE']}")


def physical(address, size):
    """Memory by guest-physical address."""
    run("monitor physical on")
    try:
        run("maint flush dcache")
        return memory(address, size)
    finally:
        run("monitor physical off")
        run("maint flush dcache")
