# SPDX-License-Identifier: MIT
"""Checks of a partition that stops and starts again while GDB is connected.
The guest runs the suite life; with `gdb = com2-wait` each life waits."""

import gdb

from lethe.gdb_tests.checks import (
    connect, console, equal, memory, physical, printed, refused, run, symbol,
    threads, value)

MARK = bytes.fromhex("4c657468 65313233")
EXITS = []
MARK_AT = 0x700000  # RAM that the image does not have


def is_connected():
    return gdb.selected_inferior().pid != 0


def at_the_first_instruction():
    equal("RIP", value("$pc"), symbol("start_pvh"))
    equal("thread", gdb.selected_thread().num, 1)
    shown = run("info threads")
    if shown.count("waits for SIPI") != 3:
        raise AssertionError(f"expected 3 VPs that wait:\n{shown}")


def the_first_instruction():
    at_the_first_instruction()


def a_restart_at_the_prompt():
    """`monitor restart`: the next life waits, and GDB is told what to do."""
    point = gdb.Breakpoint("*smp_ap_main")
    run("continue")
    equal("RIP", value("$pc"), symbol("smp_ap_main"))
    equal("hits", point.hit_count, 1)
    gdb.selected_inferior().write_memory(MARK_AT, MARK)
    equal("the mark", memory(MARK_AT, 8), MARK)
    run("thread 1")
    said = run("monitor restart guest")
    for words in ("guest: starts again", "of the life that ends",
                  "maintenance flush register-cache"):
        if words not in said:
            raise AssertionError(f"expected `{words}`, found {said}")
    console(r"guest: started life=2")


def the_next_life_is_new():
    run("maintenance flush register-cache")
    run("maintenance flush dcache")
    at_the_first_instruction()
    if physical(MARK_AT, 8) == MARK:
        raise AssertionError("the memory is that of the first life")
    with open(gdb.objfiles()[0].filename, "rb") as image:
        code = memory(symbol("smp_ap_main"), 16)
        if code not in image.read():
            raise AssertionError(f"the code differs: {code.hex()}")


def breakpoints_are_those_of_the_new_life():
    """GDB puts the one that it still knows into the new memory."""
    hits = [point.hit_count for point in gdb.breakpoints()]
    stopped = set()
    for _ in range(3):
        run("continue")
        equal("RIP", value("$pc"), symbol("smp_ap_main"))
        stopped.add(gdb.selected_thread().num)
    equal("threads", stopped, {2, 3, 4})
    equal("hits", [point.hit_count - 3 for point in gdb.breakpoints()], hits)
    equal("VPs", len(threads()), 4)


def a_restart_while_it_runs():
    """The key `restarts`: the suite ends, and a third life begins."""
    gdb.events.exited.connect(lambda event: EXITS.append(event.exit_code))
    run("delete")
    run("continue")
    equal("exit codes", EXITS, [0])
    equal("connected", is_connected(), False)
    console(r"guest: started life=3")
    if "not ok" in printed():
        raise AssertionError("the guest has found something of GDB or of "
                             "an earlier life")
    connect()
    at_the_first_instruction()


def a_stop_at_the_prompt():
    """GDB is told of the end when it continues."""
    gdb.Breakpoint("*smp_ap_main")
    run("monitor stop guest")
    console(r"guest: stopped code=0 reason=console")
    refused("x/8xb 0x100000")
    run("continue")
    equal("exit codes", EXITS[-1:], [0])
    equal("connected", is_connected(), False)
