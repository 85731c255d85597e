# SPDX-License-Identifier: MIT
"""Boots Lethe once and ends with its exit code.

Interactive: the serial console is this terminal, Ctrl-C goes to the guest,
Ctrl-] ends. Otherwise the console is printed as it comes, line by line. What
the tool itself says goes to stderr.

Status: N of the console's last line `exit code=N reason=...`; 226 if Lethe
refused and nothing was started; 225 without such a line, and then what the
emulator said is shown and the run's folder kept; 0 after Ctrl-]; 2 for what
was typed wrong. Lethe itself has no code 225 or 226, but a guest may end with
any; what stderr says decides.
"""

from lethe import cli  # first: until it has run, Ctrl-C gives a traceback

import os
import tty

from lethe import version
from lethe.machine import (emulator, ending, image, more_files, summary,
                           terminal)
from lethe.machine.process import Machine, watch

SUITE = "boot,tour"  # what runs without --suite, --cmdline and --config
POWEROFF_SECONDS = 5
LINGER = 0.1  # after a refusal: the firmware wipes the screen soon
MEMORY = (128, 2048)  # OVMF; Bochs 2.7
NEXT = """next: make run SUITE=flush    another suite (docs/suite.md has them)
      make run CONF=FILE      a lethe.conf of your own (docs/config.md)
      make help               what else there is"""


def say(text):
    """Lines about the run itself, to stderr."""
    for line in text.split("\n"):
        cli.say(f"run: {line}")


def start(args):
    """Says that it takes a while; a sign of life until it has."""
    is_uefi = args.runner == "qemu" or args.loader == "uefi"
    if is_uefi and (args.interactive or os.isatty(terminal.STDOUT)):
        say("OVMF starts; about 25 s without output")
    return terminal.SignOfLife(is_uefi)


def interactive(args, build, folder):
    line, slave = os.openpty()
    tty.setraw(slave)
    name = os.ttyname(slave)
    if args.runner == "qemu":
        disk = image.make_disk(build, folder, args.text, args.cpus, args.more)
        command = emulator.qemu(disk.name, args.cpus, args.memory, serial=name)
    else:
        command = image.command(build, folder, args.loader, args.text,
                                args.cpus, args.more, memory=args.memory,
                                com1=f"mode=term, dev={name}")
    cli.say(f"lethe {version.VERSION}: {args.runner}, {args.cpus} CPUs; "
            "Ctrl-] ends")
    printer = terminal.Printer(start(args), by_lines=False)
    ends = ending.Ends(POWEROFF_SECONDS, None, ending.REFUSED, LINGER,
                       flood=None)
    with Machine(command, folder) as machine:
        return terminal.Bridge(machine, line, ends, printer).run()


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
    parser.add_argument("--interactive", action="store_true")
    parser.add_argument("--runner", choices=("bochs", "qemu"), default="bochs")
    parser.add_argument("--loader", choices=("uefi", "rom"), default="uefi")
    parser.add_argument("--cpus", type=cli.number(1, 8), default=2,
                        metavar="N", help="1 to 8 (%(default)s)")
    parser.add_argument("--memory", type=cli.number(*MEMORY), default=384,
                        metavar="MIB", help="{} to {} (%(default)s)".format(
                            *MEMORY))
    parser.add_argument("--limit", type=cli.number(0.1, 1000000, float),
                        default=600, metavar="SECONDS",
                        help="of a run that is not interactive (%(default)s)")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--config", metavar="FILE",
                      help="lethe.conf; @CPUS@ is the number of CPUs")
    what.add_argument("--suite", default=SUITE, metavar="NAMES",
                      help="of the test guest (%(default)s)")
    what.add_argument("--cmdline", metavar="TEXT",
                      help="the test guest's whole command line")
    parser.add_argument("--file", action="append", default=[],
                        metavar="PATH=FILE", help="one more file for "
                        "lethe.conf to name, as it writes PATH")
    parser.add_argument("--keep", action="store_true",
                        help="leave the folder of the run, in build/kept")
    return parser.parse_args()


def report(args, run, outcome):
    """Says how it ended; returns the status."""
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
