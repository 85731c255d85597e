# SPDX-License-Identifier: MIT
"""Runs Lethe in Bochs, stops it, and writes its state as a core file for gdb.

The run stops when a CPU reaches --at, a function or an address, or as soon as
the console matches --when, a regular expression; else at the exit line, which a
panic has too, or after --limit. The core file is lethe.core in the folder of
the run, which is kept and also gets the programs that gdb needs. With --raw
nothing is run: the core file is made from memory that another machine has
written (QEMU: pmemsave 0 SIZE FILE). Prints the output of the command `lethe`
of gdb_lethe.py.
"""

from lethe import cli  # first: until it has run, Ctrl-C gives a traceback

import argparse
import pathlib
import re
import shutil
import subprocess

from lethe.debug import core
from lethe.debug.bochs import Debugger
from lethe.machine import ending, image, more_files, terminal
from lethe.machine.process import watch
from lethe.machine.run_folder import shown

SCRIPT = pathlib.Path(__file__).resolve().parent / "gdb_lethe.py"
NAME = "lethe.core"
MIB = 1 << 20
EXIT_SECONDS = 1  # from the exit line to the stop, if there is no power-off
ADDRESS = re.compile(r"0x[0-9a-fA-F]+$")
GUEST = "guest:"
# The loader's code is at addresses that the guest uses later. So the breakpoint
# is set only when one of these functions is reached; several, since Bochs
# misses a breakpoint at the first instruction of a CPU's turn
AFTER_LOADER = ("hv_main", "lapic_enable", "log_flush", "cpu_main",
                "entry_loop")
HOW = {"stop": "the console shows the expected text",
       "no power-off": "the exit line", "limit": "the time limit",
       "flood": "the console printed too much"}


def find(build, word):
    """The address of a function `NAME` or `guest:NAME`, or `0x…`."""
    if ADDRESS.match(word):
        return int(word, 16)
    is_guest = word.startswith(GUEST)
    known = core.symbols(build.guest if is_guest else build.hypervisor)
    name = word.removeprefix(GUEST)
    # Link-time optimisation may add a suffix to the name
    plain = {full.partition(".")[0]: at for full, at in known.items()
             if not full.endswith(".cold")}
    if name not in plain:
        like = cli.near(name, plain)
        raise cli.Wrong(f"expected a function with a symbol, or 0x…, found "
                        f"`{word}`" + (f"; near: {', '.join(like)}" if like
                                       else ""))
    return plain[name]


def at_breakpoint(machine, build, address):
    """Sets a breakpoint after the loader, whose code it must not stop."""
    first = [find(build, name) for name in AFTER_LOADER]
    for at in first:
        machine.ask(f"lb 0x{at:x}")
    machine.send("c")
    machine.wait(seconds=600)
    for number, at in enumerate(first, 1):
        if at != address:
            machine.ask(f"d {number}")
    if address not in first:
        machine.ask(f"lb 0x{address:x}")


def run(machine, limit, when=None, on_poll=lambda size: None):
    """Lets the machine run until it stops or is stopped; returns why."""
    machine.send("c")
    ends = ending.Ends(EXIT_SECONDS, limit,
                       re.compile(when, re.MULTILINE) if when else None)
    outcome = watch(machine, limit, ends=ends, on_poll=on_poll)
    said = machine.interrupt()
    if outcome.end != "off":
        return HOW[outcome.end]
    return "the breakpoint" if "Breakpoint" in said else "the power-off"


def write(machine, build, path, cpus, memory):
    """The core file of a machine at the prompt."""
    registers = [machine.registers(number) for number in range(cpus)]
    found = core.Memory(machine, memory * MIB, build.hypervisor)
    return core.write(path, found, registers)


def words(build, core_file):
    """The command of gdb with all symbols and the core file."""
    return ["gdb", "-nx", "-q", "-x", SCRIPT, "-ex", "set confirm off", "-ex",
            f"add-symbol-file {build.guest}", "-ex", "set confirm on",
            build.hypervisor, core_file]


def gdb(build, core_file, *commands):
    """What gdb prints for these commands."""
    more = [word for line in commands for word in ("-ex", line)]
    done = subprocess.run([*words(build, core_file)[:-2], "-batch", *more,
                           build.hypervisor, core_file],
                          text=True, errors="replace", check=False,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT)
    return done.stdout


def keep_programs(build, folder):
    """Copies the programs of the core file into its folder: a later build
    replaces those of the build folder."""
    for path in (build.hypervisor, build.hypervisor.with_suffix(".debug"),
                 build.guest):
        shutil.copy(path, folder)


def show(build, path):
    text = gdb(build, path, "lethe")
    at = text.find("\ncpu 0:")
    print(text[at + 1:] if at >= 0 else text, end="", flush=True)


def config(args):
    """The text of lethe.conf that the options ask for."""
    if args.config:
        return more_files.config(args.config)
    return image.config(f"suite={args.suite} cpus=@CPUS@"
                        if args.cmdline is None else args.cmdline)


def from_run(args, build):
    address = find(build, args.at) if args.at else None
    with build.run_folder("debug") as place:
        command = image.command(build, place.path, args.loader,
                                config(args),
                                args.cpus, more_files.pairs(args.file),
                                memory=args.memory)
        printer = terminal.Printer(terminal.SignOfLife(False), by_lines=True)
        with Debugger(command, place.path) as machine:
            if address is not None:
                at_breakpoint(machine, build, address)
            why = run(machine, args.limit, args.when,
                      terminal.Follow(machine, printer))
            printer.end()
            cli.say(f"debug: stopped: {why}")
            write(machine, build, place.path / NAME, args.cpus, args.memory)
        keep_programs(build, place.path)
        show(build, place.path / NAME)
        kept = pathlib.Path(place.keep())
    script = shown(SCRIPT)
    cli.say(f"debug: gdb -x {script} {kept}/lethe.elf {kept}/{NAME}")
    wanted = {args.at: "the breakpoint", args.when: HOW["stop"]}
    return 0 if why in wanted.values() or not (args.at or args.when) else 1


def arguments():
    parser = cli.Parser("debug", __doc__, build=True)
    add_machine(parser)
    parser.add_argument("--at", metavar="WHERE", help="stop at the function "
                        "NAME, at guest:NAME of the test guest, or at "
                        "0xADDRESS")
    parser.add_argument("--when", metavar="TEXT", type=expression,
                        help="stop when a line of the console matches this "
                        "regular expression")
    parser.add_argument("--limit", type=cli.number(0.1, 1000000, float),
                        default=600, metavar="SECONDS",
                        help="stop after this time (%(default)s)")
    parser.add_argument("--raw", type=pathlib.Path, metavar="FILE",
                        help="run nothing; read memory from FILE")
    return parser.parse_args()


def expression(text):
    try:
        re.compile(text)
    except re.error as error:
        raise argparse.ArgumentTypeError("expected a regular expression, "
                                         f"found `{text}`: {error}") from None
    return text


def add_machine(parser):
    """Adds the options that describe the run, as in machine/run.py."""
    parser.add_argument("--loader", choices=("uefi", "rom"), default="rom",
                        help="what starts Lethe (%(default)s)")
    parser.add_argument("--cpus", type=cli.number(1, 8), default=2,
                        metavar="N", help="1 to 8 (%(default)s)")
    parser.add_argument("--memory", type=cli.number(128, 2048), default=384,
                        metavar="MIB", help="128 to 2048 (%(default)s)")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--config", metavar="FILE",
                      help="the lethe.conf to use; @CPUS@ in it stands for the "
                      "number of CPUs")
    what.add_argument("--suite", default="boot,tour", metavar="NAMES",
                      help="suites of the test guest (%(default)s)")
    what.add_argument("--cmdline", metavar="TEXT",
                      help="the test guest's whole command line")
    parser.add_argument("--file", action="append", default=[],
                        metavar="PATH=FILE", help="add a file that lethe.conf "
                        "names as PATH")


def main():
    args = arguments()
    build = image.Build(args.build)
    build.require(build.hypervisor, build.guest)
    if not args.raw:
        return from_run(args, build)
    raw = core.RawFile(args.raw)
    path = args.raw.with_suffix(".core")
    core.write(path, core.Memory(raw, raw.size, build.hypervisor))
    show(build, path)
    cli.say(f"debug: gdb -x {shown(SCRIPT)} {shown(build.hypervisor)} "
            f"{shown(path)}")
    return 0


if __name__ == "__main__":
    cli.main("debug", main)
