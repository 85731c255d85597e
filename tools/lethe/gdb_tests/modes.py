# SPDX-License-Identifier: MIT
"""Checks of VPs that are not in 64-bit mode: VP 0 at the PVH entry, the others
after their SIPI."""

import gdb

from lethe.gdb_tests.checks import (
    equal, memory, refused, run, symbol, value)

PE = 1
PG = 1 << 31
LMA = 1 << 10
AP_PAGE = 0x8000  # guest-test/kernel/layout.h
LJMP_LEN = 7  # ljmp $SEL, $offset in 32-bit code
RF = 1 << 16


def protected_mode_without_paging():
    """cli; cld; mov $start_stack_top, %esp; mov %ebx, %ebp"""
    start = symbol("start_pvh")
    equal("RIP", value("$pc"), start)
    equal("CR0", value("$cr0") & (PE | PG), PE)
    equal("EFER", value("$efer"), 0)
    equal("CS base", value("$cs_base"), 0)
    equal("memory", memory(start, 2), b"\xfa\xfc")
    for offset in (1, 2, 7, 9):
        run("stepi")
        equal("RIP", value("$pc"), start + offset)
    equal("ESP", value("$rsp"), symbol("start_stack_top"))
    equal("EBP", value("$rbp"), value("$rbx"))
    refused("x/4xb 0x40000000")  # outside RAM, and no table maps it


def the_description_stays_64_bit():
    said = run("set architecture i386")
    print(f"# {said}")
    before = value("$rip")
    run("set architecture auto")
    equal("RIP", value("$rip"), before)
    name = gdb.selected_frame().architecture().name()
    equal("architecture", name, "i386:x86-64")


def compatibility_mode():
    """The far jump that ENTER_LONG_MODE ends with is 32-bit code."""
    at = symbol("start_long") - LJMP_LEN
    gdb.Breakpoint(f"*{at:#x}", temporary=True)
    run("continue")
    equal("RIP", value("$pc"), at)
    equal("EFER.LMA", value("$efer") & LMA, LMA)
    equal("CR0", value("$cr0") & (PE | PG), PE | PG)
    equal("memory", memory(at, 1), b"\xea")
    run("stepi")
    equal("RIP", value("$pc"), symbol("start_long"))
    equal("CS", value("$cs"), 8)


def in_real_mode(offset):
    """The current thread, at that offset of the page where SIPI starts it."""
    equal("RIP", value("$pc"), offset)
    equal("CS", value("$cs"), AP_PAGE >> 4)
    equal("CS base", value("$cs_base"), AP_PAGE)
    equal("CR0", value("$cr0") & (PE | PG), 0)
    begin = symbol("ap_begin")
    length = symbol("ap_end") - begin
    equal("memory", memory(value("$cs_base"), length), memory(begin, length))


def a_breakpoint_in_real_mode():
    """RIP is the offset in CS, where GDB knows no breakpoint: a signal."""
    gdb.Breakpoint("*smp_start", temporary=True)
    run("continue")
    equal("RIP", value("$pc"), symbol("smp_start"))
    gdb.Breakpoint(f"*{AP_PAGE:#x}")
    said = run("continue")
    if f"at linear address {AP_PAGE:#x}" not in said:
        raise AssertionError(f"the linear address is not in: {said}")
    equal("thread", gdb.selected_thread().num, 2)
    in_real_mode(0)
    run("delete")


def steps_in_real_mode():
    """cli; cld; mov %cs, %ax; mov %ax, %ds"""
    run("set scheduler-locking on")
    for offset in (1, 2, 4, 6):
        run("stepi")
        in_real_mode(offset)
    run("set scheduler-locking off")
    equal("AX", value("$rax") & 0xffff, AP_PAGE >> 4)
    equal("DS", value("$ds"), AP_PAGE >> 4)
    equal("DS base", value("$ds_base"), AP_PAGE)


def a_hardware_breakpoint_in_real_mode():
    """Each of the other VPs stops once, and goes on by `continue`."""
    run(f"hbreak *{AP_PAGE:#x}")
    stopped = []
    for _ in range(2):
        run("continue")
        in_real_mode(0)
        stopped.append(gdb.selected_thread().num)
    equal("threads", sorted(stopped), [3, 4])
    equal("RFLAGS.RF", value("$eflags") & RF, 0)
    run("delete")


def the_vp_gets_to_64_bit_code():
    """The one that stopped last: the others may have passed there."""
    last = gdb.selected_thread().num
    gdb.Breakpoint("*smp_ap_main")
    for _ in range(3):
        run("continue")
        equal("RIP", value("$pc"), symbol("smp_ap_main"))
        if gdb.selected_thread().num == last:
            break
    equal("thread", gdb.selected_thread().num, last)
    equal("EFER.LMA", value("$efer") & LMA, LMA)
    equal("CS", value("$cs"), 8)
