# SPDX-License-Identifier: MIT
"""The serial line of a machine under Bochs: what is typed, and what comes back.

Bochs's COM1 is a pty whose other end this process has. Times are in the ticks
of the machine where a text has them; this side only limits how long a test may
hang.
"""

import os
import re
import select
import time
import tty

from lethe import cli
from lethe.machine.console import clean
from lethe.machine.process import Machine

CHUNK = 4096
KEYS = 12
ECHO_SECONDS = 0.5
PROMPT = "lethe> "


class Silent(cli.Wrong):
    """What was expected did not come."""


class Line:
    """The line of one run; `with` starts and ends the machine. All that came is
    `text`; expect() looks at what came since the last match."""

    def __init__(self, command_for, folder, limit=60):
        self.command_for = command_for
        self.folder = folder
        self.limit = limit
        self.data = b""
        self.at = 0
        self.machine = None
        self.master = None

    def __enter__(self):
        self.master, slave = os.openpty()
        tty.setraw(slave)
        os.set_blocking(self.master, False)
        com1 = f"mode=term, dev={os.ttyname(slave)}"
        self.machine = Machine(self.command_for(com1), self.folder)
        self.machine.__enter__()
        return self

    def __exit__(self, *_):
        self.machine.__exit__(*_)
        (self.folder / "serial.txt").write_bytes(self.data)
        os.close(self.master)

    @property
    def text(self):
        return clean(self.data)

    def read(self, seconds):
        """Takes what comes within `seconds`; true if there was something."""
        ready, _, _ = select.select([self.master], [], [], seconds)
        self.machine.poll()
        if not ready:
            return False
        try:
            self.data += os.read(self.master, CHUNK)
        except OSError:
            return False
        return True

    def send(self, text):
        """Types `text`, while it reads what comes back."""
        data = text.encode("latin-1")
        while data:
            _, free, _ = select.select([], [self.master], [], 0.05)
            if free:
                data = data[os.write(self.master, data):]
            self.read(0)

    def expect(self, pattern, limit=None):
        """Waits for the regular expression; returns its match."""
        wanted = re.compile(pattern, re.MULTILINE)
        end = time.monotonic() + (limit or self.limit)
        while True:
            new = clean(self.data[self.at:])
            found = wanted.search(new)
            if found:
                rest = new[found.end():].encode()
                self.at = len(self.data) - len(rest)
                # line ends were shortened: find the place again
                while clean(self.data[self.at:]) != rest.decode():
                    self.at -= 1
                return found
            if time.monotonic() > end:
                raise Silent(f"expected /{pattern}/, found:\n{new[-2000:]}")
            if not self.machine.poll() and not self.read(0):
                raise Silent(f"expected /{pattern}/ before the end, found:\n"
                             f"{new[-2000:]}")
            self.read(0.05)

    def type(self, text):
        """Types keys, a few at a time: until the hypervisor looks, the UART
        keeps 16. The echo shows that it has looked."""
        for at in range(0, len(text), KEYS):
            self.send(text[at:at + KEYS])
            self.read(ECHO_SECONDS)

    def settle(self, seconds=0.3, longest=5):
        """Reads until nothing has come for a while, or for `longest` seconds:
        a guest may print for ever."""
        end = time.monotonic() + longest
        while self.read(seconds) and time.monotonic() < end:
            pass
        self.at = len(self.data)

    def read_to_end(self):
        """Reads until the machine is off; raises Silent if it stays on."""
        end = time.monotonic() + self.limit
        while self.machine.poll() or self.read(0):
            if time.monotonic() > end:
                raise Silent("expected the end of the machine, found:\n"
                             f"{self.text[-2000:]}")
            self.read(0.05)

    def command(self, text, limit=None):
        """Enters a command; returns its answer, up to the next prompt."""
        self.type(text + "\r")
        self.expect(re.escape(text) + r" *\n", limit)
        # \A: otherwise a long answer is searched again from each character
        found = self.expect(r"\A([\s\S]*?)^" + re.escape(PROMPT), limit)
        return found[1]
