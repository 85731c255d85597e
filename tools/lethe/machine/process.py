# SPDX-License-Identifier: MIT
"""Runs an emulator in a folder of its own and watches its serial console.

Runs cannot disturb each other: they share no file names and open no network
ports. However a run ends, the emulator's process group is killed. Only the
console gives the result; the emulator's own exit status is used only for
QEMU's exit port, and to explain why there is no exit line.
"""

import dataclasses
import os
import pathlib
import re
import signal
import subprocess
import time

from lethe.machine.console import clean, exit_line
from lethe.machine.emulator import environment
from lethe.machine.ending import Ends

POLL_SECONDS = 0.02
POWEROFF_SECONDS = 15  # from the exit line to the end of the process
BOCHS_SCREEN = re.compile(rb'Bochs connected to screen "([^"]+)"')
DRAIN = 65536


@dataclasses.dataclass
class Outcome:
    """How a run ended; `end` is `off` or a key of ending.ENDS."""

    text: str
    end: str
    seconds: float
    status: int | None = None  # of the emulator; None: it still ran
    said: list = dataclasses.field(default_factory=list)  # ending.explain()

    @property
    def exit(self):
        return exit_line(self.text)


class Screen:
    """Bochs's display on a pty. Its output is read and discarded, because
    otherwise Bochs would block."""

    def __init__(self, stderr):
        self.stderr = stderr
        self.fd = None

    def drain(self):
        if self.fd is None:
            found = BOCHS_SCREEN.search(self.stderr.read_bytes())
            if not found:
                return
            try:
                self.fd = os.open(found[1], os.O_RDONLY | os.O_NOCTTY
                                  | os.O_NONBLOCK)
            except OSError:
                return
        try:
            while len(os.read(self.fd, DRAIN)) == DRAIN:
                pass
        except OSError:
            pass

    def close(self):
        if self.fd is not None:
            os.close(self.fd)


class Machine:
    """One run. `command` is started in `folder`; serial.txt is its COM1."""

    def __init__(self, command, folder):
        self.folder = pathlib.Path(folder)
        self.serial = self.folder / "serial.txt"
        self.serial.write_bytes(b"")
        self.stderr = self.folder / "stderr.txt"
        # The kernel kills the emulator when this process ends, even by SIGKILL
        self.command = ["setpriv", "--pdeathsig", "KILL", "--", *command]
        self.process = None
        self.screen = Screen(self.stderr)
        self.begin = time.monotonic()

    def __enter__(self):
        with open(self.folder / "stdout.txt", "wb") as out, \
                open(self.stderr, "wb") as err:
            self.process = subprocess.Popen(
                self.command, cwd=self.folder, stdin=subprocess.DEVNULL,
                stdout=out, stderr=err, start_new_session=True,
                env=environment(self.folder))
        return self

    def __exit__(self, *_):
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()
        self.screen.close()

    def poll(self):
        """True while the emulator runs."""
        self.screen.drain()
        return self.process.poll() is None

    def console_end(self, size):
        """The end of the console as text; `size` is that of serial.txt."""
        with open(self.serial, "rb") as file:
            file.seek(max(size - DRAIN, 0))
            return clean(file.read())

    def outcome(self, end):
        return Outcome(clean(self.serial.read_bytes()), end,
                       time.monotonic() - self.begin, self.process.returncode)


def watch(machine, limit, stop=None, ends=None, on_poll=lambda size: None):
    """Waits for the power-off, at most `limit` seconds. The run also ends as
    soon as the console matches `stop`, a regular expression."""
    ends = ends or Ends(POWEROFF_SECONDS, limit, stop)
    end = None
    size = 0
    while end is None:
        running = machine.poll()
        now = time.monotonic()
        known = machine.serial.stat().st_size
        if known != size:
            size = known
            ends.see(machine.console_end(size), now)
        on_poll(size)
        end = ends.judge(running, size, machine.begin, now)
        time.sleep(POLL_SECONDS)
    return machine.outcome(end)


def boot(run, command, limit, stop=None):
    """Runs `command` in the folder of `run`; returns the outcome."""
    with Machine(command, run.path) as machine:
        return watch(machine, limit, stop)
