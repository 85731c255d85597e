# SPDX-License-Identifier: MIT
"""Checks while the guest is Debian's kernel. Its init prints where functions
are, as /proc/kallsyms has them; from that GDB gets a file with symbols."""

import re
import subprocess
import tempfile

import gdb

from lethe.gdb_tests.checks import (
    connect, console, equal, one_thread_for_each_vp, printed, run, symbol,
    value)

FUNCTION = "hyperv_flush_tlb_multi"
SYMBOL = re.compile(r"# symbol (\w+) (0x[0-9a-f]+) (0x[0-9a-f]+)$", re.M)
BOOT_SECONDS = 400
END_SECONDS = 400
BASE = 0xffffffff81000000  # Linux, Documentation/x86/x86_64/mm.rst: the kernel
SIZE = 0x2000000
HITS = 5


def assembly(symbols):
    """The source of an object file that has these functions and no bytes."""
    lines = ['.section .kernel, "ax", @nobits', ".globl base", "base:",
             f".skip {SIZE:#x}"]
    for name, first, after in symbols:
        lines += [f".globl {name}", f".type {name}, @function",
                  f".set {name}, base + {first - BASE:#x}",
                  f".size {name}, {after - first:#x}"]
    return "\n".join([*lines, ""])


def load_symbols():
    """Before GDB connects, which stops the guest."""
    console(r"ok \d+ - symbols/found$", BOOT_SECONDS)
    found = [(name, int(first, 16), int(after, 16))
             for name, first, after in SYMBOL.findall(printed())]
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["as", "-o", f"{folder}/symbols.o", "-"], check=True,
                       input=assembly(found), text=True)
        subprocess.run(["ld", f"--section-start=.kernel={BASE:#x}", "-e",
                        "base", "-o", f"{folder}/symbols",
                        f"{folder}/symbols.o"], check=True)
        run(f"symbol-file {folder}/symbols")
    for name, first, _ in found:
        equal(name, symbol(name), first)
    connect()


def threads_are_vps():
    one_thread_for_each_vp(2)


def breakpoint_in_the_flush_path():
    point = gdb.Breakpoint(f"*{FUNCTION}")
    for hits in range(1, HITS + 1):
        run("continue")
        equal("RIP", value("$pc"), symbol(FUNCTION))
        equal("hits", point.hit_count, hits)
    shown = run("backtrace 1")
    if f"in {FUNCTION} ()" not in shown and "#0  0x" not in shown:
        raise AssertionError(f"backtrace:\n{shown}")
    point.delete()


def a_step():
    at = value("$pc")
    run("stepi")
    if value("$pc") == at:
        raise AssertionError(f"stepi stays at {at:#x}")
    shown = run("info symbol $pc")
    if not shown.startswith(f"{FUNCTION} + "):
        raise AssertionError(f"expected {FUNCTION} + N, found {shown}")


def linux_goes_on():
    """Without GDB, to its end, and no reader has seen an old page."""
    run("detach")
    console(r"\[\d+\] guest: stopped code=0 reason=sleep", END_SECONDS)
    said = printed()
    if "not ok" in said or not re.search(r"ok \d+ - coherence/", said):
        raise AssertionError(said[-2000:])
