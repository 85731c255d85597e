# SPDX-License-Identifier: MIT
"""Runs an emulator in a folder of its own and watches its serial console.

Nothing has a fixed name or a network port; whatever ends the run, the
emulator's process group is killed. The emulator's own exit status is not
looked at, but for QEMU's exit port: only the console counts.
"""

import dataclasses
import os
import pathlib
import re
import signal
import subprocess
import time

from console import clean, exit_line

POLL_SECONDS = 0.02
POWEROFF_SECONDS = 15  # from the exit line to the end of the process
CONSOLE_MAX = 32 << 20  # a guest that prints for ever
BOCHS_SCREEN = re.compile(rb'Bochs connected to screen "([^"]+)"')
DRAIN = 65536


@dataclasses.dataclass
class Outcome:
    """How a run ended: `end` is off, limit, stop, flood or interrupt."""

    text: str
    end: str
    seconds: float
    status: int | None = None  # of QEMU, which tells the guest's exit port

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

    def __enter__(self):
        with open(self.folder / "stdout.txt", "wb") as out, \
                open(self.stderr, "wb") as err:
            self.process = subprocess.Popen(
                self.command, cwd=self.folder, stdin=subprocess.DEVNULL,
                stdout=out, stderr=err, start_new_session=True,
                env=dict(os.environ, TERM="dumb", LC_ALL="C"))
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


def watch(machine, limit, stop=None):
    """Waits for the power-off, at most `limit` seconds; `stop`, a compiled
    expression, ends the run as soon as the console shows it."""
    begin = time.monotonic()
    exit_seen = None
    end = None
    size = 0
    while end is None:
        running = machine.poll()
        now = time.monotonic()
        known = machine.serial.stat().st_size
        if known != size:
            size = known
            text = clean(machine.serial.read_bytes()[-DRAIN:])
            if exit_line(text) and text.endswith("\n"):
                exit_seen = exit_seen or now
            if stop and stop.search(text):
                end = "stop"
        if not running:
            end = "off"
        elif size > CONSOLE_MAX:
            end = "flood"
        elif exit_seen and now - exit_seen > POWEROFF_SECONDS:
            end = "no power-off"
        elif now - begin > limit:
            end = "limit"
        time.sleep(POLL_SECONDS)
    return Outcome(clean(machine.serial.read_bytes()), end,
                   time.monotonic() - begin, machine.process.returncode)
