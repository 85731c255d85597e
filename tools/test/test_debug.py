# SPDX-License-Identifier: MIT
"""Stops four runs, writes their core files, and compares what gdb prints with
other sources: the console, Bochs's own view of its CPUs and VMCS, and the
registers at the INVVPIDs of the flush work that gdb showed. Also runs
`make debug` with commands from a pipe.
"""

import contextlib
import os
import re
import subprocess
import sys

from lethe import cli
from lethe.boot_tests import invvpid, tables
from lethe.debug import backtrace, stopped
from lethe.debug.bochs import Debugger
from lethe.machine import image

LIMIT = 120
DEAD = r"^\[\d\] guest: all VPs sleep and one is suspended"
# Deletes the breakpoints of at_breakpoint()
DELETE = f"d {len(stopped.AFTER_LOADER) + 1}"
FLUSHES = 100  # one of the suite's first flushes leaves ranges in a queue
# Not for one that waits for SIPI: INIT takes the ranges away
RANGES_LEFT = re.compile(r"^vp guest/1: .* state=RUNNABLE .*\n(?:  .*\n)*?"
                         r"    range 0: ", re.MULTILINE)
INVVPIDS = 40  # at most this many come before those of the work shown


def has(check, name, text, *expressions):
    """Checks that each expression matches a line of the text."""
    missing = [line for line in expressions
               if not re.search(line, text, re.MULTILINE)]
    check(name, not missing, f"missing: {missing}\n{text}")


def boot_text(name):
    """lethe.conf and the number of CPUs of a boot test."""
    test, = (test for test in tables.load() if test.name == name)
    return test.text(), test.cpus


def started(build, place, text, cpus):
    return Debugger(image.command(build, place.path, "rom", text, cpus),
                    place.path)


def test_stop_dead(build, check):
    """Stops at a line of the console, when all VPs sleep."""
    text, cpus = boot_text("inhibit-dead")
    with build.run_folder("debug") as place:
        path = place.path / stopped.NAME
        with started(build, place, text, cpus) as machine:
            why = stopped.run(machine, LIMIT, DEAD)
            stopped.write(machine, build, path, cpus, 384)
        said = stopped.gdb(build, path, "lethe vps")
    check("console: stopped at its line",
          why == stopped.HOW["stop"], why)
    states = re.findall(r"^vp guest/\d: .* state=(\w+) ", said, re.MULTILINE)
    check("console: all sleep, one is suspended",
          sorted(states) == ["HALTED"] * 3 + ["SUSPENDED"], said)


def return_address(machine):
    """The return address of the function at whose start CPU 2 has stopped."""
    rsp = machine.registers(2)["rsp"]
    return int.from_bytes(machine.linear(2, rsp, 16)[:8], "little")


def test_stop_suspended(build, check):
    """Stops when a VP of the second partition has just been suspended."""
    text, cpus = boot_text("control-clear")
    with build.run_folder("debug") as place:
        path = place.path / stopped.NAME
        with started(build, place, text, cpus) as machine:
            stopped.at_breakpoint(machine, build,
                                  stopped.find(build, "suspend_begin"))
            # RSP is still that of the call there
            _, second = from_here(build,
                                  stopped.find(build, "suspend_begin"))
            machine.ask(f"lb 0x{second:x}")
            stopped.run(machine, LIMIT)
            machine.ask(DELETE, "d %d" % (len(stopped.AFTER_LOADER) + 2),
                        *(f"lb 0x{at:x}" for at in
                          from_here(build, return_address(machine))))
            why = stopped.run(machine, LIMIT)
            views = [machine.vmx(number) for number in range(cpus)]
            rips = [machine.registers(number)["rip"] for number in range(cpus)]
            stopped.write(machine, build, path, cpus, 384)
        said = stopped.gdb(build, path, "lethe", "print *$vp(1, 2)",
                           "print $cpu(0)->number", "lethe vp 1 2")
    check("suspended: stopped at a function",
          why == "the breakpoint", why)
    has(check, "suspended: partitions", said,
        r"^partition 0: name=a image=guest.elf vps=1 running=1 ",
        r"^partition 1: name=b image=guest.elf vps=3 running=3 "
        r"inhibits=1 suspended=0x4 eptp=0x[0-9a-f]+ state=RUNNING$")
    check("suspended: four VPs on four CPUs",
          set(re.findall(r"^vp (\S+): ", said, re.MULTILINE)) ==
          {"a/0", "b/0", "b/1", "b/2"} and
          len(re.findall(r"^cpu \d: ", said, re.MULTILINE)) == 4,
          said)
    has(check, "suspended: who waits for whom", said,
        r"^vp b/2: cpu=2 index=2 vpid=4 state=SUSPENDED ",
        r"^  inhibit: flag=0 .* waits-for=b/1$",
        r"^  inhibit: flag=1 translations=0 owners=0x1 waits-for=-$")
    has(check, "suspended: the guest's RIP and its function", said,
        r"^vp b/2: .*\n  guest: rip=0x[0-9a-f]+ \(hypercall_regs\+")
    has(check, "suspended: struct vp, whole", said,
        r"waits_for = 0x", r"^  vmcs = \{$", r"^    queue = \{$")
    compare_cpus(check, said, rips, views)


def compare_cpus(check, said, rips, views):
    """Compares Bochs's own registers and VMCS with what gdb printed."""
    shown = [int(word, 16) for word in
             re.findall(r"^cpu \d: .*\n  rip=0x([0-9a-f]+)", said,
                        re.MULTILINE)]
    check("suspended: RIP of each CPU", shown == rips,
          f"{shown} for {rips}")
    controls = dict(re.findall(r"^vp (\S+): (?:.*\n  )+?vmcs copies: .* "
                               r"proc-controls=0x([0-9a-f]+) ", said,
                               re.MULTILINE))
    current = re.findall(r"^  current=(\S+) ", said, re.MULTILINE)
    wrong = [f"CPU {number}: {controls.get(name)} for {view[2]:x}"
             for number, (name, view) in enumerate(zip(current, views))
             if name != "-" and int(controls.get(name, "0"), 16) != view[2]]
    check("suspended: proc-controls is the field of the VMCS",
          len(current) == len(views) and not wrong, wrong or said)


def from_here(build, address):
    """That address, and the one of the next instruction: Bochs misses a
    breakpoint at the first instruction of a CPU's turn."""
    listing = build.hypervisor.with_suffix(".lst").read_text()
    found = re.search(rf"^{address:x}:\t(?:jmp +([0-9a-f]+) |.*\n"
                      r"([0-9a-f]+):\t)", listing, re.MULTILINE)
    assert found, f"lethe.lst: expected {address:x}, found none"
    return address, int(found[1] or found[2], 16)


def after_put(build):
    """The address after the call of put_ranges() in a flush."""
    listing = build.hypervisor.with_suffix(".lst").read_text()
    found = re.search(r"\tcall +[0-9a-f]+ <put_ranges(?:\.[\w.]+)?>\n"
                      r"([0-9a-f]+):\t", listing)
    assert found, "lethe.lst: expected a call of put_ranges, found none"
    return int(found[1], 16)


def test_stop_flush(build, check):
    """Stops a list flush when its work is in a queue and not yet taken."""
    text = image.config("suite=flush cpus=@CPUS@", guest="flush-exact = yes\n")
    with build.run_folder("debug") as place:
        path = place.path / stopped.NAME
        with started(build, place, text, 2) as machine:
            stopped.at_breakpoint(machine, build, after_put(build))
            for _ in range(FLUSHES):
                why = stopped.run(machine, LIMIT)
                stopped.write(machine, build, path, 2, 384)
                said = stopped.gdb(build, path, "lethe")
                if RANGES_LEFT.search(said):
                    break
            done = follow_work(machine, build, said)
    check("flush: stopped at a breakpoint", why == "the breakpoint",
          why)
    has(check, "flush: under way on the caller's CPU", said,
        r"^cpu 0: run=\S+ mode=root .*\n.*\(flush_others\+.*\n"
        r"  current=guest/0 .* flush=under way$")
    check("flush: the ranges shown are those that INVVPID gets",
          done[0] and done[0] == done[1], f"{done}\n{said}")


def follow_work(machine, build, said):
    """(addresses in the ranges that are shown for VP 1, addresses of the
    INVVPIDs that its CPU then executes)"""
    part = re.search(r"^vp guest/1: .*\n(?:  .*\n)+", said, re.MULTILINE)
    shown = re.findall(r"gva=0x([0-9a-f]+) pages=(\d+)", part[0] if part
                       else "")
    pages = [int(at, 16) + 4096 * n for at, count in shown
             for n in range(int(count))]
    machine.ask(DELETE, f"lb 0x{stopped.find(build, 'tlb_invvpid'):x}")
    first, at = invvpid.addresses(
        build.hypervisor.with_suffix(".lst").read_text())
    machine.ask(f"lb 0x{at}")
    # Bochs misses a breakpoint at the first instruction of a CPU's turn, so
    # each INVVPID has two: where its function begins, and its own
    seen = []
    begun = False
    for _ in range(2 * INVVPIDS):
        if len(seen) >= len(pages):
            break
        machine.send("c")
        said = machine.wait(LIMIT)
        regs = machine.registers(1)
        if regs[invvpid.VPID] != 2 or "(1) Breakpoint" not in said:
            continue
        if regs["rip"] == int(first, 16) or not begun:
            seen.append(regs[invvpid.GVA])
        begun = regs["rip"] == int(first, 16)
    return pages, seen


def test_stop_panic(build, check):
    """Stops after a panic that halts: gdb shows which CPU panicked, and that
    the other is parked."""
    text = image.config("suite=storm cpus=@CPUS@",
                        "selftest = panic\npanic = halt\n")
    with build.run_folder("debug") as place:
        path = place.path / stopped.NAME
        with started(build, place, text, 2) as machine:
            why = stopped.run(machine, LIMIT)
            console = machine.serial.read_text(errors="replace")
            stopped.write(machine, build, path, 2, 384)
        said = stopped.gdb(build, path, "print panic_stop_owner", "lethe cpus",
                           "thread apply all backtrace")
    check("panic: stopped at the exit line",
          why == stopped.HOW["no power-off"], why)
    owner = re.search(r"^\[(\d)\] panic: version", console, re.MULTILINE)
    has(check, "panic: the CPU that the console names", said,
        rf"^\$1 = {int(owner[1]) + 1 if owner else '-'}$")
    has(check, "panic: its call chain has functions and lines", said,
        r"port_panic \(fmt=.*selftest.*\) at \S*hv/x86/panic.c:\d+",
        r"hv/vmx/loop.c:\d+")
    has(check, "panic: the other CPU is parked", said,
        r"poweroff_halt \(\) at .*\n.* stop \(.*\) at .*\n"
        r".* panic_(stop_here|check|stop_nmi) \(.*\) at ")
    compare_backtrace(build, check, console, said)


def compare_backtrace(build, check, console, said):
    """The report alone gives the functions that gdb finds in the memory."""
    ours = [line.split()[1] for line in backtrace.backtrace(build, console)
            if line.startswith("      0x")]
    check("panic: the report gives the call chain",
          ours[:4] == ["inner", "middle", "outer", "by_one"]
          and ours[-1] == "entry_loop", ours)
    theirs = re.findall(r"^#\d+ +(?:0x\w+ in )?(\w+)", said, re.MULTILINE)
    there = theirs[theirs.index("inner"):] if "inner" in theirs else []
    check("panic: as gdb finds it", ours == there[:len(ours)],
          f"{ours}, gdb: {there}\n{said}")


def test_report_of_exception(build, check):
    """The report of an exception gives the calls that led there, also those
    that the compiler inlined."""
    text, cpus = boot_text("selftest-write-text")
    with build.run_folder("debug") as place:
        with started(build, place, text, cpus) as machine:
            stopped.run(machine, LIMIT)
            console = machine.serial.read_text(errors="replace")
    ours = [line.split()[1] for line in backtrace.backtrace(build, console)
            if line.startswith("      0x")]
    check("exception: the report gives the call chain",
          ours == ["selftest_memory", "launch", "cpu_main", "start_on_stack"],
          ours)


def test_report_damaged(build, check):
    """A damaged report gives no false call: what cannot be proven is marked."""
    text = "[0] panic: version=0 x\n[0] panic: caller=0x1 rsp=0x10 rbp=0x0\n"
    ours = list(backtrace.backtrace(build, text))
    check("damaged: nothing is invented", len(ours) == 2, ours)
    with contextlib.suppress(cli.Wrong):
        list(backtrace.backtrace(build, "[0] boot: launch\n"))
        check("damaged: no report is an error", False, "no error")


def test_prompt(build, check):
    """Runs `make debug` with commands from a pipe."""
    lines = ['lb "flush_others"', "c", "q"]
    done = subprocess.run(
        [sys.executable, "-m", "lethe.debug.live", "--suite", "flush",
         "--build", build.folder], input="\n".join([*lines, ""]), text=True,
        check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        env=os.environ, timeout=LIMIT)
    check("prompt: ends as it should", done.returncode == 0,
          done.stdout)
    has(check, "prompt: breaks at a function by its name", done.stdout,
        r"^\(\d\) Breakpoint 1, 0xffffffff",
        r"ffffffff8\w+ \(flush_others\+0\)")
    has(check, "prompt: shows the console", done.stdout,
        r"^\[0\] boot: launch$")
