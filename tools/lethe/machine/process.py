# SPDX-License-Identifier: MIT
"""Runs an emulator in a folder of its own and watches its serial console.

Nothing has a fixed name or a network port; whatever ends the run, the
emulator's process group is killed. The emulator's own exit status is not
looked at, but for QEMU's exit port and to say why there is no exit line: only
the console counts.
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
    """How a run ended: `end` is off or one of ending.ENDS."""

    text: str
    end: str
    seconds: float
    status: int | None = None  # of the emulator; None: we ended it
    said: list = dataclasses.field(default_factory=list)  # ending.explain()

    @property
    def exit(self):
        return exit_line(self.text)


class Screen:
    """Bochs's display on a pty: read and thrown away, or Bochs blocks."""

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
        # Dies with us, also where nobody can catch our end (SIGKILL)
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
        """The last of the console of that size, as text."""
        with open(self.serial, "rb") as file:
            file.seek(max(size - DRAIN, 0))
            return clean(file.read())

    def outcome(self, end):
        return Outcome(clean(self.serial.read_bytes()), end,
                       time.monotonic() - self.begin, self.process.returncode)


def watch(machine, limit, stop=None, ends=None, on_poll=lambda size: None):
    """Waits for the power-off, at most `limit` seconds; `stop`, an
    expression, ends the run as soon as the console shows it."""
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
    """The outcome of `command` in the folder of `run`."""
    with Machine(command, run.path) as machine:
        return watch(machine, limit, stop)
