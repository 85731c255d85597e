# SPDX-License-Identifier: MIT
"""Boots Lethe in a debugger, whose prompt is this terminal.

In Bochs (the default) this is Bochs's own debugger. It knows the symbols of
Lethe and, as guest.NAME, those of the test guest. In QEMU with KVM it is gdb
with gdb_lethe.py, stopped at the first instruction of the firmware. The console
goes to serial.txt of the run's folder and is shown here as well. The end of the
debugger ends the run.
"""

from lethe import cli  # first: until it has run, Ctrl-C gives a traceback

import contextlib
import os
import signal
import subprocess
import time

from lethe.debug import core, stopped
from lethe.machine import emulator, image, more_files, terminal
from lethe.machine.process import POLL_SECONDS, Machine
from lethe.machine.run_folder import shown

SOCKET = "gdb.sock"
HINTS = {"bochs": """debug: c goes on, Ctrl-C stops, q ends
debug: lb "loop_exit" breaks at a function; vmexitbp at every VM exit
debug: docs/debugging.md has more; the console is also in {serial}""",
         "qemu": """debug: hbreak hv_main, then continue
debug: the command lethe prints Lethe's state
debug: the console is also in {serial}"""}


class Terminal(Machine):
    """A machine whose debugger uses this terminal; only the debugger gets
    Ctrl-C."""

    def __enter__(self):
        with open(self.stderr, "wb") as err:
            self.process = subprocess.Popen(
                self.command, cwd=self.folder, stderr=err,
                env={**emulator.environment(self.folder),
                     "TERM": os.environ.get("TERM", "dumb")})
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.screen.close()


@contextlib.contextmanager
def own_terminal():
    """Makes this process's group the one that gets Ctrl-C while the block runs,
    so that make, which started it, is not interrupted."""
    if not os.isatty(0):
        yield
        return
    before = os.tcgetpgrp(0)
    os.setpgid(0, 0)
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    os.tcsetpgrp(0, os.getpgrp())
    try:
        yield
    finally:
        os.tcsetpgrp(0, before)


def symbol_lines(build):
    """Lines for Bochs's command ldsym: address and name."""
    for prefix, elf in (("", build.hypervisor), ("guest.", build.guest)):
        for name, at in core.symbols(elf).items():
            plain = name if name.endswith(".cold") else name.partition(".")[0]
            if plain:
                yield f"{at:x} {prefix}{plain}"


def follow(process, machine):
    """Shows the console until the debugger ends."""
    printer = terminal.Printer(terminal.SignOfLife(False), by_lines=True)
    shows = terminal.Follow(machine, printer)
    while process.poll() is None:
        machine.screen.drain()
        shows(machine.serial.stat().st_size)
        time.sleep(POLL_SECONDS)
    shows(machine.serial.stat().st_size)
    printer.end()


def in_bochs(build, folder, command):
    if "-rc" not in emulator.bochs_help():
        raise emulator.Unavailable(
            "expected a Bochs with a debugger, such as Debian's, found one "
            "without; RUNNER=qemu uses gdb, but needs KVM with nested VMX")
    (folder / "symbols").write_text("".join(
        f"{line}\n" for line in symbol_lines(build)))
    (folder / "debugger").write_text('ldsym global "symbols"\n')
    with Terminal(command, folder) as machine:
        follow(machine.process, machine)


def in_gdb(build, folder, command):
    command += ["-S", "-gdb", f"unix:{SOCKET},server=on,wait=off"]
    with Machine(command, folder) as machine:
        while not (folder / SOCKET).exists():
            if not machine.poll():
                raise cli.Wrong((folder / "stderr.txt").read_text().strip()
                                or "expected QEMU to wait for gdb, found that "
                                "it has ended")
            time.sleep(POLL_SECONDS)
        words = stopped.words(build, build.hypervisor)[:-1]
        words[1:1] = ["-ex", f"target remote {shown(folder / SOCKET)}"]
        with subprocess.Popen(words) as process:
            follow(process, machine)


def arguments():
    parser = cli.Parser("debug", __doc__, build=True)
    stopped.add_machine(parser)
    parser.add_argument("--runner", choices=("bochs", "qemu"), default="bochs",
                        help="the emulator (%(default)s); qemu needs KVM with "
                        "nested VMX")
    return parser.parse_args()


def main():
    args = arguments()
    build = image.Build(args.build)
    build.require(build.hypervisor, build.guest)
    text = stopped.config(args)
    with build.run_folder("debug") as place:
        loader = "qemu" if args.runner == "qemu" else args.loader
        command = image.command(build, place.path, loader, text, args.cpus,
                                more_files.pairs(args.file),
                                memory=args.memory)
        cli.say(HINTS[args.runner].format(
            serial=shown(place.path / "serial.txt")))
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        with own_terminal():
            (in_gdb if args.runner == "qemu" else in_bochs)(
                build, place.path, command)
    return 0


if __name__ == "__main__":
    cli.main("debug", main)
