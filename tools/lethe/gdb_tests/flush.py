# SPDX-License-Identifier: MIT
"""Checks while the guest runs the suites flush and inhibit."""

import os
import re
import signal
import struct
import subprocess
import threading

import gdb

from lethe.gdb_tests.checks import (
    STOPS, console, equal, instruction, memory, one_thread_for_each_vp,
    printed, refused, run, symbol, value)

TF = 1 << 8


# ---- the guest runs the suite flush, another partition the suite calls ----


def the_other_partition_runs_on():
    before = value("$pc")
    console(r"other: stopped code=0")
    equal("RIP of the stopped VP", value("$pc"), before)


def threads_are_vps():
    one_thread_for_each_vp(4)


def breakpoint_in_the_flush_path():
    point = gdb.Breakpoint("*flush_call_do")
    for hits in range(1, 6):
        run("continue")
        equal("RIP", value("$pc"), symbol("flush_call_do"))
        equal("hits", point.hit_count, hits)
    callers = run("backtrace 3")
    if not re.search(r"#1 .* in (swap_round|flush_call_\w+) \(\)", callers):
        raise AssertionError(f"backtrace:\n{callers}")
    point.delete()


def a_breakpoint_is_hidden():
    at = symbol("flush_call_do")
    plain = memory(at, 16)
    run("set breakpoint always-inserted on")
    point = gdb.Breakpoint("*flush_call_do")
    try:
        # GDB hides its own breakpoints; physical addresses it does not know
        run("monitor physical on")
        raw = run(f"maint packet m{at:x},10")
        run("monitor physical off")
    finally:
        point.delete()
        run("set breakpoint always-inserted off")
    equal("first byte of a function", plain[0], 0x55)
    if plain.hex() not in raw:
        raise AssertionError(f"expected {plain.hex()}, found {raw}")


def registers_take_values():
    saved = [value(f"$r{n}") for n in range(8, 16)]
    for n in range(8, 16):
        run(f"set $r{n} = 0x1122334455667700 + {n}")
    run("maint flush register-cache")
    for n in range(8, 16):
        equal(f"r{n}", value(f"$r{n}"), 0x1122334455667700 + n)
        run(f"set $r{n} = {saved[n - 8]}")
    for n in (0, 15):
        run(f"set $xmm{n}.v2_int64[1] = 0x1234567890abcdef")
        run("maint flush register-cache")
        equal(f"xmm{n}", value(f"$xmm{n}.v2_int64[1]"), 0x1234567890abcdef)
        run(f"set $xmm{n}.v2_int64[1] = 0")
    equal("cr0 & 0x80000001", value("$cr0") & 0x80000001, 0x80000001)
    equal("efer.LMA", value("$efer") >> 10 & 1, 1)


def registers_refuse_values():
    before = value("$cr3")
    refused("set $cr3 = -1")
    run("maint flush register-cache")
    equal("cr3", value("$cr3"), before)


def memory_takes_values():
    at = value("$rsp") - 0x800 & ~7
    saved = memory(at, 8)
    for pattern in (b"\x11\x22\x33\x44\x55\x66\x77\x88", b"#$}*\x03+-\x00"):
        gdb.selected_inferior().write_memory(at, pattern)
        run("maint flush dcache")
        equal("memory", memory(at, 8), pattern)
    gdb.selected_inferior().write_memory(at, saved)
    refused("x/4xb 0x7fff00000000")
    run("monitor physical on")
    try:
        run("maint flush dcache")
        refused("x/4xb 0x40000000")  # outside RAM
    finally:
        run("monitor physical off")


def monitor_runs_console_commands():
    if f"rip={value('$pc'):#018x}" not in run(
            f"monitor vp guest:{gdb.selected_thread().num - 1}"):
        raise AssertionError("RIP is not that of GDB")
    if "expected" not in run("monitor vp guest:9"):
        raise AssertionError("a VP that does not exist is not refused")


def steps_follow_the_code():
    """Each step ends after the instruction, or where that jumps to."""
    gdb.Breakpoint("*flush_call_do", temporary=True)
    run("continue")
    for _ in range(60):
        before = value("$pc")
        text, length = instruction()
        run("stepi")
        after = value("$pc")
        if not re.match(r"(j|call|ret|loop|rep)", text):
            equal(f"RIP after {text}", after, before + length)
        equal(f"RFLAGS.TF after {text}", value("$eflags") & TF, 0)


def pushf_hides_the_trap_flag():
    """Executes PUSHF and POPF, written over the code at RIP for that."""
    saved = memory(value("$pc"), 3)
    start = value("$pc")
    stack = value("$rsp")
    gdb.selected_inferior().write_memory(start, b"\x9c\x9d\x90")
    run("stepi")
    equal("RSP", value("$rsp"), stack - 8)
    flags = struct.unpack("<Q", memory(stack - 8, 8))[0]
    equal("TF in what PUSHF stored", flags & TF, 0)
    run("stepi")
    equal("RSP", value("$rsp"), stack)
    equal("TF after POPF", value("$eflags") & TF, 0)
    run(f"set $pc = {start}")
    gdb.selected_inferior().write_memory(start, saved)


def a_step_into_an_exception():
    """UD2 at RIP: the step ends at the first instruction of the handler."""
    start = value("$pc")
    stack = value("$rsp")
    saved = memory(start, 2)
    gdb.selected_inferior().write_memory(start, b"\x0f\x0b")
    gate = memory(value("$idt_base") + 6 * 16, 16)
    low, _, _, middle, high = struct.unpack("<HHHHI", gate[:12])
    handler = low | middle << 16 | high << 32
    run("stepi")
    equal("RIP", value("$pc"), handler)
    frame = struct.unpack("<5Q", memory(value("$rsp"), 40))
    equal("RIP in the frame", frame[0], start)
    equal("TF in the frame", frame[2] & TF, 0)
    equal("RSP in the frame", frame[3], stack)
    run(f"set $rsp = {stack}")
    run(f"set $eflags = {frame[2] & ~0x10000}")
    run(f"set $pc = {start}")
    gdb.selected_inferior().write_memory(start, saved)


def a_step_over_emulated_instructions():
    """CPUID exits: the trap of the step is hidden there too."""
    start = value("$pc")
    saved = memory(start, 3)
    registers = {name: value(f"${name}")
                 for name in ("rax", "rbx", "rcx", "rdx")}
    gdb.selected_inferior().write_memory(start, b"\x0f\xa2\x90")
    run("set $rax = 0x40000000")
    run("stepi")
    equal("RIP", value("$pc"), start + 2)
    equal("EBX", value("$rbx") & 0xffffffff, 0x7263694d)  # "Micr"
    run("stepi")
    equal("RIP", value("$pc"), start + 3)
    for name, old in registers.items():
        run(f"set ${name} = {old}")
    run(f"set $pc = {start}")
    gdb.selected_inferior().write_memory(start, saved)


def hardware_breakpoint():
    run("hbreak *flush_call_do")
    for _ in range(3):
        run("continue")
        equal("RIP", value("$pc"), symbol("flush_call_do"))
    run("delete")


def watchpoint():
    """On the place where the function pushes RBP."""
    run("hbreak *flush_call_do")
    run("continue")
    run("delete")
    at = value("$rsp") - 8
    saved = value("$rbp")
    gdb.selected_inferior().write_memory(at, bytes(8))
    run(f"watch *(unsigned long *){at:#x}")
    run("set $rbp = 0x1234567")
    run("continue")
    equal("why", type(STOPS[-1]), gdb.BreakpointEvent)
    equal("RIP", value("$pc"), symbol("flush_call_do") + 1)
    equal("the new value", memory(at, 8), struct.pack("<Q", 0x1234567))
    run("delete")
    gdb.selected_inferior().write_memory(at, struct.pack("<Q", saved))
    run(f"set $rbp = {saved}")


def only_four_hardware_breakpoints():
    for n in range(5):
        run(f"hbreak *(swap_round + {n})")
    before = value("$pc")
    try:
        refused("continue")
        equal("RIP", value("$pc"), before)
    finally:
        run("delete")


def interrupt():
    for _ in range(3):
        timer = threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGINT))
        timer.start()
        run("continue")
        timer.join()
        equal("why", type(STOPS[-1]), gdb.SignalEvent)
        equal("signal", STOPS[-1].stop_signal, "SIGINT")


def vmcalls():
    """The addresses of the guest's VMCALLs, which its ELF file says."""
    path = gdb.objfiles()[0].filename
    listing = subprocess.run(["objdump", "-d", path], check=True, text=True,
                             stdout=subprocess.PIPE).stdout
    return {int(at, 16) for at in
            re.findall(r"^\s*(\w+):.*\tvmcall", listing, re.M)}


def at_each_vmcall():
    """Steps over VMCALLs, and yields where each was, until all is deleted."""
    places = vmcalls()
    run("set breakpoint always-inserted on")
    for at in places:
        gdb.Breakpoint(f"*{at:#x}")
    while True:
        run("continue")
        at = value("$pc")
        if at not in places:
            raise AssertionError(f"stopped at {at:#x}, where no VMCALL is")
        run("stepi")
        yield at


def step_over_a_vmcall():
    for at in at_each_vmcall():
        equal("RIP", value("$pc"), at + 3)
        equal("status", value("$rax") & 0xffff, 0)
        break
    run("delete")


def detach():
    run("delete")
    run("detach")
    # a stop makes the readers of the suite forget what they test: that it
    # reports, but nothing else
    console(r"guest: stopped code=[01]", 200)
    if "stale" in printed():
        raise AssertionError("a stale read")


# ---- the suite inhibit: a VMCALL that suspends its VP ----


def step_that_suspends():
    """RIP stays, and the thread says what it waits for."""
    for at in at_each_vmcall():
        if value("$pc") == at:
            break
    run("delete")
    state = run("info threads")
    if not re.search(r"\* .*suspended by the inhibit of vp \d", state):
        raise AssertionError(state)


def the_suspended_call_ends():
    """The step that begins in the suspension ends after the call."""
    at = value("$pc")
    number = gdb.selected_thread().num
    run("stepi")
    equal("thread", gdb.selected_thread().num, number)
    equal("RIP", value("$pc"), at + 3)
    equal("status", value("$rax") & 0xffff, 0)
