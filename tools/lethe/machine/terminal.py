# SPDX-License-Identifier: MIT
"""This terminal as the serial console of a machine, with a sign of life until
the machine prints something."""

import contextlib
import os
import re
import select
import termios
import time
import tty

from lethe.machine.console import ESCAPES, clean
from lethe.machine.process import POLL_SECONDS

STDIN = 0
STDOUT = 1
OFLAG = 1  # index in the list that tcgetattr() returns
TAIL = 8192  # bytes at the end of the console that may hold the exit line
KEY_END = b"\x1d"  # Ctrl-]
CHUNK = 4096
KEYS_MAX = 1 << 20  # bytes typed that the machine has not read yet
# A character of text. What firmware sends before any text clears the screen
PRINTS = re.compile(r"[^\s\0]")
CUT = re.compile(r"\x1b(\[[0-9;?=]*)?$")  # an incomplete escape sequence


def write_all(data):
    """Writes to stdout, even if another process has made it non-blocking."""
    while data:
        try:
            data = data[os.write(STDOUT, data):]
        except BlockingIOError:
            select.select([], [STDOUT], [])


class Keyboard:
    """Puts the terminal into raw mode while the `with` block runs; does nothing
    if stdin is no terminal."""

    def __init__(self):
        self.saved = termios.tcgetattr(STDIN) if os.isatty(STDIN) else None

    def __enter__(self):
        if self.saved:
            tty.setraw(STDIN)
            mode = termios.tcgetattr(STDIN)
            mode[OFLAG] = self.saved[OFLAG]  # Lethe ends its lines with LF
            termios.tcsetattr(STDIN, termios.TCSADRAIN, mode)
        return self

    def __exit__(self, *_):
        if self.saved:
            with contextlib.suppress(termios.error):  # it has been closed
                termios.tcsetattr(STDIN, termios.TCSADRAIN, self.saved)


class SignOfLife:
    """Counts seconds on a terminal until end(), which erases them."""

    def __init__(self, is_wanted):
        self.is_on = is_wanted and os.isatty(STDOUT)
        self.begin = time.monotonic()
        self.shown = ""

    def tick(self):
        text = f"  {time.monotonic() - self.begin:.0f} s"
        if self.is_on and text != self.shown:
            self.shown = text
            write_all(f"\r{text}".encode())

    def end(self):
        if self.shown:
            write_all(f"\r{' ' * len(self.shown)}\r".encode())
        self.is_on = False
        self.shown = ""


class Printer:
    """Prints the console to stdout, beginning with the first text, and shows
    the sign of life before that. `by_lines`: prints whole lines, without
    escape sequences."""

    def __init__(self, life, by_lines):
        self.life = life
        self.by_lines = by_lines
        self.held = b""
        self.has_begun = False

    def put(self, data):
        self.held += data
        if not self.has_begun:
            text = ESCAPES.sub("", self.held.decode("latin-1"))
            if not PRINTS.search(CUT.sub("", text)):
                self.life.tick()
                return
            self.has_begun = True
            self.life.end()
            self.held = text.encode("latin-1")
        out, self.held = self.held, b""
        if self.by_lines:
            lines, end, self.held = out.rpartition(b"\n")
            out = clean(lines + end).encode()
        write_all(out)

    def end(self):
        self.life.end()
        if self.held and self.has_begun:
            write_all(clean(self.held).encode() + b"\n")


class Follow:
    """Prints serial.txt as it grows, for process.watch()."""

    def __init__(self, machine, printer):
        self.machine = machine
        self.printer = printer
        self.at = 0

    def __call__(self, size):
        data = b""
        if size > self.at:
            with open(self.machine.serial, "rb") as file:
                file.seek(self.at)
                data = file.read(size - self.at)
            self.at += len(data)
        self.printer.put(data)


class Bridge:
    """Copies both ways between this terminal and `line`, the master of a pty
    that is COM1; the machine's output also goes to serial.txt. `front` is the
    line that has the keys."""

    def __init__(self, machine, line, ends, printer):
        self.machine = machine
        self.line = line
        self.front = line
        self.ends = ends
        self.printer = printer
        self.serial = open(machine.serial, "ab", buffering=0)
        self.size = 0
        self.tail = b""
        self.keys = b""
        self.has_terminal = os.isatty(STDIN)
        self.sources = [line, STDIN]
        os.set_blocking(line, False)

    def console(self, now):
        data = os.read(self.line, CHUNK)
        self.serial.write(data)
        self.size += len(data)
        self.tail = (self.tail + data)[-TAIL:]
        self.printer.put(data)
        if b"\n" in data:
            self.ends.see(clean(self.tail), now)

    def keyboard(self):
        """Reads keys; returns how they end the run, or None."""
        try:
            keys = os.read(STDIN, CHUNK)
        except OSError:
            keys = b""
        if KEY_END in keys:
            return "key"
        if not keys:
            if self.has_terminal:
                return "hang-up"
            self.sources.remove(STDIN)
        self.take(keys)
        return None

    def take(self, keys):
        self.keys = (self.keys + keys)[:KEYS_MAX]

    def send(self):
        with contextlib.suppress(BlockingIOError):
            self.keys = self.keys[os.write(self.front, self.keys):]

    def other(self, ready):
        """Copies from more sources, of which this class has none."""

    def step(self):
        """Waits briefly and copies; returns how the run ended, or None."""
        keys = [self.front] if self.keys else []
        ready, free, _ = select.select(self.sources, keys, [], POLL_SECONDS)
        now = time.monotonic()
        if self.line in ready:
            self.console(now)
        else:
            self.printer.put(b"")
        self.other(ready)
        if STDIN in ready:
            end = self.keyboard()
            if end:
                return end
        if free:
            self.send()
        running = self.machine.poll()
        if self.line in ready:
            return None  # there may be more output
        return self.ends.judge(running, self.size, self.machine.begin, now)

    def run(self):
        """Runs to the end, restores the terminal and returns the outcome."""
        with Keyboard(), self.serial:
            end = None
            while end is None:
                end = self.step()
        self.printer.end()
        return self.machine.outcome(end)
