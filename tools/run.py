# SPDX-License-Identifier: MIT
"""Boots Lethe once and ends with its exit code.

Interactive: the serial console is this terminal, Ctrl-C goes to the guest,
Ctrl-] ends. Otherwise the console is printed as it comes. The status is N of
the console's last line `exit code=N reason=...`; 125 without such a line.
"""

import argparse
import os
import pathlib
import select
import shutil
import signal
import sys
import termios
import tty

import emulator
import image
from console import clean, exit_line
from machine import POLL_SECONDS, Machine, watch
import version

NO_EXIT_LINE = 125
KEY_END = b"\x1d"  # Ctrl-]
CHUNK = 4096


class Keyboard:
    """The terminal in raw mode while the block runs; nothing if it is none."""

    def __init__(self):
        self.fd = sys.stdin.fileno()
        self.saved = termios.tcgetattr(self.fd) if os.isatty(self.fd) else None

    def __enter__(self):
        if self.saved:
            tty.setraw(self.fd)
        return self

    def __exit__(self, *_):
        if self.saved:
            termios.tcsetattr(self.fd, termios.TCSADRAIN, self.saved)


def bridge(machine, line):
    """Copies both ways between terminal and `line`; returns the console."""
    console = b""
    sources = [line, sys.stdin.fileno()]
    running = True
    while True:
        ready, _, _ = select.select(sources, [], [], POLL_SECONDS)
        if line in ready:
            data = os.read(line, CHUNK)
            console += data
            os.write(sys.stdout.fileno(), data)
        elif not running:
            return console
        if sys.stdin.fileno() in ready:
            keys = os.read(sys.stdin.fileno(), CHUNK)
            if KEY_END in keys:
                return console
            if not keys:
                sources.remove(sys.stdin.fileno())
            os.write(line, keys)
        running = machine.poll()


def interactive(args, build, folder, text):
    master, slave = os.openpty()
    tty.setraw(slave)
    name = os.ttyname(slave)
    if args.runner == "qemu":
        disk = image.make_disk(build, folder, text, args.cpus, args.more)
        command = emulator.qemu(disk, args.cpus, args.memory, serial=name)
    else:
        command = image.command(build, folder, args.loader, text, args.cpus,
                                args.more, memory=args.memory,
                                com1=f"mode=term, dev={name}")
    print(f"lethe {args.version}: {args.runner}, {args.cpus} CPUs; "
          "Ctrl-] ends", flush=True)
    with Machine(command, folder) as machine, Keyboard():
        console = bridge(machine, master)
    return clean(console)


def batch(args, build, folder, text):
    loader = "qemu" if args.runner == "qemu" else args.loader
    command = image.command(build, folder, loader, text, args.cpus, args.more,
                            memory=args.memory)
    with Machine(command, folder) as machine:
        outcome = watch(machine, args.limit)
    print(outcome.text)
    if outcome.end != "off":
        print(f"run: ended by {outcome.end} after {outcome.seconds:.0f} s",
              file=sys.stderr)
    return outcome.text


def arguments():
    parser = argparse.ArgumentParser(
        prog="run", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    version.add(parser)
    parser.add_argument("--interactive", action="store_true")
    parser.add_argument("--runner", choices=("bochs", "qemu"), default="bochs")
    parser.add_argument("--loader", choices=("uefi", "rom"), default="uefi")
    parser.add_argument("--cpus", type=int, choices=range(1, 9), default=2)
    parser.add_argument("--memory", type=int, default=384, metavar="MIB")
    parser.add_argument("--limit", type=float, default=600, metavar="SECONDS",
                        help="of a run that is not interactive")
    parser.add_argument("--build", default="build", metavar="FOLDER")
    parser.add_argument("--config", type=pathlib.Path, metavar="FILE",
                        help="lethe.conf; @CPUS@ is the number of CPUs")
    parser.add_argument("--cmdline", default="suite=boot cpus=@CPUS@",
                        help="of the test guest, without --config")
    parser.add_argument("--file", action="append", default=[],
                        metavar="PATH=LOCAL", help="put the file LOCAL "
                        "into \\lethe\\, at PATH as lethe.conf names it")
    parser.add_argument("--keep", action="store_true",
                        help="leave the folder of the run")
    return parser.parse_args()


def file_word(word):
    """The two halves of PATH=LOCAL."""
    path, equals, source = word.partition("=")
    if not (path and equals and source):
        raise ValueError(f"--file {word}: expected PATH=LOCAL")
    return path, source


def main():
    args = arguments()
    args.version = (image.TOOLS.parent / "VERSION").read_text().strip()
    args.more = {}
    try:
        for word in args.file:
            path, source = file_word(word)
            args.more[image.inside(path)] = pathlib.Path(source).read_bytes()
        text = (image.read_text(args.config.read_bytes()) if args.config
                else image.config(args.cmdline))
    except (OSError, ValueError) as error:
        sys.exit(f"run: {error}")
    # An end by kill or a closed terminal also runs the clean-up
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(NO_EXIT_LINE))
    build = image.Build(args.build)
    folder = build.run_folder("run")
    try:
        console = (interactive if args.interactive else batch)(
            args, build, folder, text)
    except (emulator.Unavailable, ValueError, FileNotFoundError) as error:
        sys.exit(f"run: {error}")
    except KeyboardInterrupt:
        return NO_EXIT_LINE
    finally:
        if not args.keep:
            shutil.rmtree(folder, ignore_errors=True)
    found = exit_line(console)
    if not found:
        print("run: no exit line", file=sys.stderr)
        return NO_EXIT_LINE
    return min(found[0], 255)


if __name__ == "__main__":
    sys.exit(main())
