# SPDX-License-Identifier: MIT
"""The debug console after a panic, over the real line: what still runs, what is
refused, and the ends of the machine that a command causes.
"""

import contextlib
import re

from lethe.console_tests.line import Line
from lethe.machine import image

CPUS = 2


@contextlib.contextmanager
def started(build, hypervisor):
    text = image.config("suite=storm cpus=@CPUS@", hypervisor)
    with build.run_folder("panic") as place, Line(
            lambda com1: image.command(build, place.path, "rom", text, CPUS,
                                       com1=com1), place.path) as line:
        yield line


def has(check, name, text, *patterns):
    missing = [pattern for pattern in patterns
               if not re.search(pattern, text, re.MULTILINE)]
    check(name, not missing, f"missing: {missing}\n{text}")


def test_after_a_panic(build, check):
    with started(build, "selftest = panic\npanic = console\n") as line:
        line.expect(r"panic: console: help lists what runs after a panic\n")
        has(check, "the report is complete", line.text,
            r"^\[0\] panic: version=\S+ selftest$",
            r"^\[0\] panic: cpu 1: rip=", r"^\[0\] panic: stack 0x")
        check("no exit line yet", "exit code" not in line.text, line.text)
        has(check, "cpu: the CPUs as they stopped", line.command("cpu"),
            r"^0 apic_id=0 .*vp=guest:0 ", r"^1 apic_id=1 .*vp=guest:1 ")
        has(check, "ps: both VPs", line.command("ps"),
            r"^guest: running vps=2 ", r"^  0 +runnable +cpu=0 ",
            r"^  1 +runnable +cpu=1 ")
        has(check, "x: the guest's memory", line.command("x guest:0x100000 32"),
            r"^0x00100000 ( +[0-9a-f]{2}){16}", r"^0x00100010 ")
        has(check, "trace: the last events of all CPUs",
            line.command("trace show 40"), r"cpu0 guest:0 exit ",
            r"cpu[01] \S+ \w+ ")
        has(check, "exits: by reason", line.command("exits guest:0"),
            r"PREEMPTION_TIMER|VMCALL")
        for command in ("vp guest:0", "inhibit guest:1 on", "panic"):
            has(check, f"refused: {command}", line.command(command),
                r"^after a panic: \w+ needs what has stopped$")
        has(check, "a bad word is marked", line.command("x guest:zz"),
            r"^ +\^+$", r"^expected ")
        line.send("poweroff\r")
        found = line.expect(r"^exit code=(.*)\n")[1]
        check("poweroff: the panic's exit line", found == "255 reason=panic",
              found)


def test_commands_that_end(build, check):
    with started(build, "panic = console\n") as line:
        line.expect(r"launch\n")
        line.send("\rpanic\r")
        line.expect(r"panic: console: help lists")
        has(check, "panic: the report", line.text,
            r"^\[0\] panic: version=\S+ asked for on the console$")
        line.send("reboot\r")
        line.expect(r"^lethe \S+ commit \S+: loader rom\n")
        line.expect(r"launch\n")
        check("reboot: nothing is left of before",
              "log of before" not in line.text, line.text)
        line.send("poweroff\r")
        found = line.expect(r"^exit code=(.*)\n")[1]
        check("poweroff: the exit line", found == "0 reason=poweroff", found)
