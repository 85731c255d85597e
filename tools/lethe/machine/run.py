# SPDX-License-Identifier: MIT
"""Boots Lethe once and ends with its exit code.

With --interactive this terminal is the serial console, with Lethe's debug
console: `help` lists its commands, Ctrl-] ends the run. Otherwise the console
is printed line by line as it comes. The tool prints its own messages to
stderr.

Exit status:
  N    the last line of the console is `exit code=N reason=...`
  226  Lethe refused to start
  225  there is no such last line; the tool prints the emulator's last output
       and keeps the folder of the run
  0    Ctrl-] ended the run
  2    the command line is wrong, or something is missing
Lethe itself ends with neither 225 nor 226, but a guest may end with any code;
then the last line on stderr tells which case it is.
"""

from lethe import cli  # first: until it has run, Ctrl-C gives a traceback

import os
import re
import time
import tty

from lethe import version
from lethe.machine import (emulator, ending, image, more_files, summary,
                           terminal, two_lines)
from lethe.machine.process import Machine, watch

# What runs without --suite, --cmdline and --config. The last one never ends: it
# is there to be looked at
SUITE = "boot,tour"
SUITE_CONSOLE = SUITE + ",demo"
POWEROFF_SECONDS = 5
COM2 = re.compile(rb"^[ \t]*output[ \t]*=[ \t]*com2\b", re.MULTILINE)
LINGER = 0.1  # seconds after a refusal; soon the firmware clears the screen
MEMORY = (128, 2048)  # OVMF needs the first; Bochs 2.7 has at most the second
BANNER = """lethe {}: {}, {} CPUs, {}
keys go to Lethe's console: help lists its commands, Tab completes
try: ps   vp guest:0   demo (an inhibit holds a flush)   poweroff
Ctrl-T gives the keys to the guest and back; Ctrl-] ends the emulator"""
NEXT = """next: make run SUITE=flush    another suite (docs/suite.md has them)
      make run CONF=FILE      a lethe.conf of your own (docs/config.md)
      make help               lists all targets"""


def say(text):
    """Prints messages about the run to stderr."""
    for line in text.split("\n"):
        cli.say(f"run: {line}")


def start(args):
    """Announces the start of the firmware, which takes a while; returns the
    sign of life for this time."""
    is_uefi = args.runner == "qemu" or args.loader == "uefi"
    if is_uefi and (args.interactive or os.isatty(terminal.STDOUT)):
        say("OVMF starts; about 25 s without output")
    return terminal.SignOfLife(is_uefi)


def open_line():
    """(master, name) of a pty for a serial port."""
    line, slave = os.openpty()
    tty.setraw(slave)
    return line, os.ttyname(slave)


def interactive(args, build, folder):
    line, name = open_line()
    guest = None  # COM2, if a partition has it
    more = {"date": int(time.time())}
    if COM2.search(args.text):
        guest, com2 = open_line()
        more["com2"] = f"mode=term, dev={com2}"
    if args.runner == "qemu":
        disk = image.make_disk(build, folder, args.text, args.cpus, args.more)
        command = emulator.qemu(disk.name, args.cpus, args.memory, serial=name)
        command += ["-serial", com2] if guest else []
    else:
        command = image.command(build, folder, args.loader, args.text,
                                args.cpus, args.more, memory=args.memory,
                                com1=f"mode=term, dev={name}", **more)
    what = args.config or args.cmdline or f"suites {args.suite}"
    cli.say(BANNER.format(version.VERSION, args.runner, args.cpus, what))
    printer = terminal.Printer(start(args), by_lines=False)
    ends = ending.Ends(POWEROFF_SECONDS, None, ending.REFUSED, LINGER,
                       flood=None)
    with Machine(command, folder) as machine:
        bridge = (two_lines.Bridge(machine, line, guest, ends, printer)
                  if guest else terminal.Bridge(machine, line, ends, printer))
        return bridge.run()


def batch(args, build, folder):
    loader = "qemu" if args.runner == "qemu" else args.loader
    command = image.command(build, folder, loader, args.text, args.cpus,
                            args.more, memory=args.memory)
    printer = terminal.Printer(start(args), by_lines=True)
    ends = ending.Ends(POWEROFF_SECONDS, args.limit, ending.REFUSED, LINGER)
    with Machine(command, folder) as machine:
        outcome = watch(machine, args.limit, ends=ends,
                        on_poll=terminal.Follow(machine, printer))
    printer.end()
    return outcome


def arguments():
    parser = cli.Parser("run", __doc__, build=True)
    parser.add_argument("--interactive", action="store_true",
                        help="use this terminal as the console")
    parser.add_argument("--runner", choices=("bochs", "qemu"), default="bochs",
                        help="the emulator (%(default)s); qemu needs KVM with "
                        "nested VMX")
    parser.add_argument("--loader", choices=("uefi", "rom"), default="uefi",
                        help="what starts Lethe in Bochs (%(default)s)")
    parser.add_argument("--cpus", type=cli.number(1, 8), default=2,
                        metavar="N", help="1 to 8 (%(default)s)")
    parser.add_argument("--memory", type=cli.number(*MEMORY), default=384,
                        metavar="MIB", help="{} to {} (%(default)s)".format(
                            *MEMORY))
    parser.add_argument("--limit", type=cli.number(0.1, 1000000, float),
                        default=600, metavar="SECONDS",
                        help="time limit of a run that is not interactive "
                        "(%(default)s)")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--config", metavar="FILE",
                      help="the lethe.conf to use; @CPUS@ in it stands for the "
                      "number of CPUs")
    what.add_argument("--suite", metavar="NAMES", help="suites of the test "
                      f"guest ({SUITE}; --interactive in a terminal: "
                      f"{SUITE_CONSOLE})")
    what.add_argument("--cmdline", metavar="TEXT",
                      help="the test guest's whole command line")
    parser.add_argument("--file", action="append", default=[],
                        metavar="PATH=FILE", help="add a file "
                        "that lethe.conf names as PATH")
    parser.add_argument("--keep", action="store_true",
                        help="keep the folder of the run, in build/kept")
    args = parser.parse_args()
    # The demo never ends: somebody has to be there to end it
    is_typed = args.interactive and os.isatty(terminal.STDIN)
    args.suite = args.suite or (SUITE_CONSOLE if is_typed else SUITE)
    return args


def report(args, run, outcome):
    """Prints how the run ended; returns the exit status."""
    refused = summary.refusal(outcome.text)
    if outcome.exit:
        text = summary.poweroff(outcome, args.text, POWEROFF_SECONDS)
        if text:
            say(text)
        say(summary.last(outcome))
        status = min(outcome.exit[0], 255)
    elif outcome.end == "key":
        say("ended by Ctrl-]")
        return 0
    elif refused:
        say("Lethe refused:\n" + "\n".join(refused))
        return summary.REFUSED
    else:
        say("\n".join(ending.explain(run, outcome)))
        return summary.NO_EXIT_LINE
    if args.interactive and not args.config and not summary.bailed(
            outcome.text):
        say(NEXT)
    return status


def main():
    args = arguments()
    args.more = more_files.pairs(args.file)
    args.text = (more_files.config(args.config) if args.config else
                 os.fsencode(image.config(
                     f"suite={args.suite} cpus=@CPUS@"
                     if args.cmdline is None else args.cmdline)))
    build = image.Build(args.build)
    with build.run_folder("run") as run:
        outcome = (interactive if args.interactive else batch)(
            args, build, run.path)
        status = report(args, run, outcome)
        if args.keep and not run.is_kept:
            say(f"kept: {run.keep()}")
    return status


if __name__ == "__main__":
    cli.main("run", main)
