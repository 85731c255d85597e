# SPDX-License-Identifier: MIT
"""Checks of a VP with a software TLB: the guest runs the suite flush, and
changes its tables before it flushes."""

import re
import struct

import gdb

from lethe.gdb_tests.checks import (
    equal, memory, physical, run, symbol, value)

ELSEWHERE = 0x2000000  # 2 MiB of RAM that nobody uses
LARGE = 1 << 7
ADDRESS = 0x000ffffffffff000
OLD_LEAF = re.compile(r"^0x(\w+) -> 0x(\w+) 4K .* \* the tables say "
                      r"gpa=0x(\w+)", re.M)


def entry_of(linear):
    """(address, shift, entry) of the one that maps it in the tables."""
    table = value("$cr3") & ADDRESS
    for shift in (39, 30, 21, 12):
        at = table + (linear >> shift & 0x1ff) * 8
        entry = struct.unpack("<Q", physical(at, 8))[0]
        if shift == 12 or entry & LARGE:
            return at, shift, entry
        table = entry & ADDRESS
    raise AssertionError("not reached")


def memory_is_that_of_the_guests_tables():
    """Where the software TLB has another page than the tables."""
    gdb.Breakpoint("*flush_call_do")
    for _ in range(40):
        run("continue")
        thread = gdb.selected_thread()
        reader = thread.num % 4
        found = OLD_LEAF.search(run(f"monitor tlb guest:{reader}"))
        if found:
            break
    run("delete")
    if not found:
        raise AssertionError("no translation is older than the tables")
    linear, old, new = (int(word, 16) for word in found.groups())
    run(f"thread {reader + 1}")
    at, shift, entry = entry_of(linear)
    equal("shift", shift, 12)
    equal("the table's page", entry & ADDRESS, new)
    equal("memory", memory(linear, 8), physical(new, 8))
    if physical(new, 8) == physical(old, 8):
        raise AssertionError("the pages do not differ")
    walked = run(f"monitor walk guest:{reader} {linear:#x}")
    if f"at={at:#011x} {entry:#018x}" not in walked:
        raise AssertionError(walked)
    run(f"thread {thread.num}")


def write_physical(at, data):
    run("monitor physical on")
    try:
        gdb.selected_inferior().write_memory(at, data)
    finally:
        run("monitor physical off")
        run("maint flush dcache")


def a_breakpoint_by_an_old_translation():
    """The tables lead elsewhere than where the VP fetches its code from."""
    linear = symbol("reader_cycle")
    first = physical(linear, 1)
    gdb.Breakpoint("*reader_cycle", temporary=True)
    run("continue")
    run("set scheduler-locking on")
    point = gdb.Breakpoint("*reader_cycle")
    run("continue")  # once around, so that all of it is in the software TLB
    equal("hits", point.hit_count, 1)
    run("stepi")
    # GDB itself will put it where the tables lead when it continues
    run(f"maint packet Z0,{linear:x},1")
    vp = gdb.selected_thread().num - 1
    at, _, entry = entry_of(linear)
    write_physical(at, struct.pack("<Q", entry & ~ADDRESS | ELSEWHERE))
    try:
        said = run(f"monitor tlb guest:{vp} {linear:#x}")
        if f"the tables say gpa={ELSEWHERE:#x}" not in said:
            raise AssertionError(said)
        equal("memory", memory(linear, 16), bytes(16))
        run("continue")
        equal("RIP", value("$pc"), linear)
        equal("hits", point.hit_count, 2)
        # GDB has taken both away, by the address
        equal("a byte elsewhere", memory(linear, 1), bytes(1))
        point.delete()
    finally:
        write_physical(at, struct.pack("<Q", entry))
        run("set scheduler-locking off")
    equal("first byte of the function", physical(linear, 1), first)
