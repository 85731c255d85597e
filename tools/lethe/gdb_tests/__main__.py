# SPDX-License-Identifier: MIT
"""Boots a machine for each scenario and lets GDB make the checks of inside.py.

Prints TAP. The folder of a run that fails is kept.
"""

from lethe import cli  # first: until it has run, Ctrl-C gives a traceback

import dataclasses
import os
import pathlib
import subprocess
import time

from lethe import tap
from lethe.gdb_tests import on_linux
from lethe.gdb_tests.line import Line
from lethe.machine import emulator, image
from lethe.machine.process import POLL_SECONDS, Machine

INSIDE = pathlib.Path(__file__).with_name("inside.py")
AFTER_SECONDS = 5  # that GDB may go on after the machine has ended
WATCHDOG = 100_000_000_000  # a guest that is stopped does not hang


@dataclasses.dataclass
class Scenario:
    name: str
    cpus: int
    config: str  # on Linux: more lines of its partition
    limit: int = 100  # seconds
    on_linux: bool = False

    def command(self, build, folder, com2):
        if self.on_linux:
            return on_linux.command(build, folder, self.config, com2)
        return image.command(build, folder, "rom", self.config, self.cpus,
                             com2=com2)


FLUSH = f"""[hypervisor]
poweroff = 0x8900:0x44
tsc_hz = {emulator.IPS}
[partition guest]
image = guest.elf
vps = 4
memory = 64M
gdb = com2-wait
cmdline = suite=flush cpus=4 watchdog={WATCHDOG}
[partition other]
image = guest.elf
memory = 64M
test-calls = yes
cmdline = suite=calls cpus=1 watchdog={WATCHDOG} overcommit=1
"""

INHIBIT = f"""[hypervisor]
poweroff = 0x8900:0x44
tsc_hz = {emulator.IPS}
[partition guest]
image = guest.elf
vps = 4
memory = 64M
privileges = all
test-calls = yes
gdb = com2-wait
cmdline = suite=inhibit only=one_caller_* cpus=4 watchdog={WATCHDOG}
"""

# One partition that starts again; the machine goes on when it has ended.
LIFE = f"""[hypervisor]
poweroff = 0x8900:0x44
at-end = console
tsc_hz = {emulator.IPS}
[partition guest]
image = guest.elf
vps = 4
memory = 8M
privileges = all
test-calls = yes
restarts = 1
gdb = com2-wait
cmdline = suite=life cpus=4 watchdog={WATCHDOG}
"""

MODES = f"""[hypervisor]
poweroff = 0x8900:0x44
tsc_hz = {emulator.IPS}
[partition guest]
image = guest.elf
vps = 4
memory = 64M
gdb = com2-wait
cmdline = suite=flush cpus=4 watchdog={WATCHDOG}
"""


def with_software_tlb(config):
    return config.replace("gdb =", "paging = shadow\ngdb =")


def with_symbols(config):
    return config.replace("gdb =", "symbols = image\ngdb =")


SCENARIOS = (Scenario("flush", 4, FLUSH), Scenario("inhibit", 4, INHIBIT),
             Scenario("shadow_flush", 4, with_software_tlb(MODES), 300),
             Scenario("shadow_inhibit", 4, with_software_tlb(INHIBIT)),
             Scenario("life", 4, LIFE), Scenario("modes", 4, MODES),
             Scenario("session", 4, with_symbols(MODES)),
             Scenario("linux", 2, "gdb = com2", 900, True),
             Scenario("shadow_linux", 2, "gdb = com2\npaging = shadow\n"
                      "shadow-pages = 4096", 900, True))


def watch(machine, gdb, limit):
    """Until GDB has ended; False: it was killed."""
    end = time.monotonic() + limit
    while gdb.poll() is None:
        if not machine.poll():
            end = min(end, time.monotonic() + AFTER_SECONDS)
        if time.monotonic() > end:
            gdb.kill()
            gdb.wait()
            return False
        time.sleep(POLL_SECONDS)
    return True


def run(build, scenario):
    """The TAP of one scenario, and whether GDB ended by itself."""
    with build.run_folder(f"gdb-{scenario.name}") as place, \
            Line(place.path / "gdb.sock") as line:
        command = scenario.command(build, place.path, line.com2)
        with Machine(command, place.path) as machine, \
                open(place.path / "gdb.txt", "wb") as said:
            gdb = subprocess.Popen(
                ["gdb", "-nx", "-q", "-batch", "-iex",
                 "set debuginfod enabled off", "-x", str(INSIDE),
                 str(build.guest)],
                stdin=subprocess.DEVNULL, stdout=said,
                stderr=subprocess.STDOUT,
                env={**os.environ, "LETHE_SCENARIO": scenario.name,
                     "LETHE_LINE": line.path,
                     "LETHE_SERIAL": str(machine.serial)})
            ended = watch(machine, gdb, scenario.limit)
        text = (place.path / "gdb.txt").read_text(errors="replace")
        stream = tap.read(text.splitlines())
        if not ended or stream.errors or stream.names("FAIL"):
            print(f"    kept: {place.keep()}")
        return stream, ended


def main():
    parser = cli.Parser("gdb_tests", __doc__, build=True)
    parser.add_argument("--accept", action="store_true",
                        help="docs/debugging.md gets the session")
    parser.add_argument("only", nargs="*", help="part of a scenario's name")
    args = parser.parse_args()
    build = image.Build(args.build)
    if args.accept:
        os.environ["LETHE_ACCEPT"] = "1"
    results = tap.Writer()
    for scenario in SCENARIOS:
        if args.only and not any(word in scenario.name for word in args.only):
            continue
        stream, ended = run(build, scenario)
        for check in stream.checks:
            for note in check.notes if check.state == "FAIL" else ():
                print(f"# {note}")
            results.line(check.state == "PASS", check.name)
        problems = stream.errors + ([] if ended else ["GDB had to be killed"])
        for problem in problems:
            print(f"# {problem}")
        if problems:
            results.line(False, f"gdb/{scenario.name}/ends")
    results.plan()
    return 1 if results.failed else 0


if __name__ == "__main__":
    cli.main("gdb_tests", main)
