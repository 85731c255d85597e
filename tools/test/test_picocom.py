# SPDX-License-Identifier: MIT
"""The debug console in a terminal program that people use: Debian's picocom.

It runs on a terminal of its own, where the keys are typed; between its serial
port and Bochs's a thread carries the bytes, as a cable does.
"""

import os
import pty
import re
import select
import subprocess
import termios
import threading
import tty

import pytest

from lethe.console_tests.line import Line
from lethe.machine import image

CPUS = 2
ESCAPE = "\x01"  # Ctrl-A
PICOCOM = ("picocom", "-b", "115200", "--imap", "lfcrlf")
PASTED = 20
PASTED_AT = 0x1000


class Cable(threading.Thread):
    """Carries bytes between two ptys until stop(); what an end that nobody
    reads has no room for is lost, as on a cable."""

    def __init__(self, one, other):
        super().__init__(daemon=True)
        self.ends = {one: other, other: one}
        self.awake, self.waker = os.pipe()

    def run(self):
        while True:
            ready, _, _ = select.select([*self.ends, self.awake], [], [])
            if self.awake in ready:
                return
            for end in ready:
                try:
                    os.write(self.ends[end], os.read(end, 4096))
                except OSError:  # no room
                    pass

    def stop(self):
        os.write(self.waker, b"\0")
        self.join()
        os.close(self.awake)
        os.close(self.waker)


class PicocomLine(Line):
    """A Line whose keys go through picocom, and whose text is what picocom
    shows."""

    def __enter__(self):
        super().__enter__()
        self.wire = self.master
        self.far, self.near = pty.openpty()  # near stays open: no hang-up
        tty.setraw(self.near)
        os.set_blocking(self.far, False)
        self.cable = Cable(self.wire, self.far)
        self.cable.start()
        self.picocom = None
        self.master = None
        self.start()
        return self

    def __exit__(self, *_):
        self.end()
        self.cable.stop()
        self.master = self.wire
        os.close(self.far)
        os.close(self.near)
        super().__exit__(*_)

    def start(self):
        """Connects a terminal with picocom."""
        self.master, terminal = pty.openpty()
        os.set_blocking(self.master, False)
        self.picocom = subprocess.Popen(
            [*PICOCOM, os.ttyname(self.near)], stdin=terminal, stdout=terminal,
            stderr=terminal, start_new_session=True)
        os.close(terminal)
        self.expect("Terminal ready\n")

    def end(self):
        """Ends it if it runs; returns its exit status."""
        if self.picocom.poll() is None:
            self.picocom.kill()
        status = self.picocom.wait()
        if self.master is not None:
            os.close(self.master)
            self.master = None
        return status

    def leave(self):
        """Types picocom's own keys for the end; returns its exit status."""
        self.send(ESCAPE + "\x18")
        self.expect(r"Thanks for using picocom\n")
        self.picocom.wait(timeout=10)
        return self.end()


@pytest.fixture
def line(build):
    text = image.config("suite=inspect cpus=@CPUS@")
    with build.run_folder("picocom") as place, PicocomLine(
            lambda com1: image.command(build, place.path, "rom", text, CPUS,
                                       com1=com1), place.path) as one:
        one.expect(r"^guest\| # spin ")
        yield one


def prompted(line):
    """Enter, and the prompt on a line of its own"""
    line.type("\r")
    line.expect(r"^lethe> $")


def visible(text):
    """What a terminal shows of a line with carriage returns and backspaces"""
    cells, at = {}, 0
    for byte in text:
        if byte in "\r\b":
            at = max(at - 1, 0) if byte == "\b" else 0
        else:
            cells[at] = byte
            at += 1
    return "".join(cells[place] for place in sorted(cells)).rstrip()


def answer(line, keys, shown):
    """The answer to keys that must make the console show the line `shown`"""
    line.type(keys)
    found = line.expect(r"\A(.*)\n([\s\S]*?)^lethe> ")
    assert visible(f"lethe> {found[1]}") == f"lethe> {shown}"
    return found[2]


def test_keys(line, check):
    prompted(line)
    said = line.command("help")
    check("help", re.search(r"^ps \[P\] ", said, re.MULTILINE), said)
    said = line.command("ps")
    check("ps", re.search(r"^guest: running vps=2 ", said), said)
    check("arrow up repeats the line", answer(line, "\x1b[A\r", "ps").
          startswith("guest: running vps=2 "))
    said = answer(line, "inh\tguest:1\r", "inhibit guest:1")
    check("Tab completes", said == "guest:1 is not inhibited\n", said)
    said = answer(line, f"ersion{ESCAPE}{ESCAPE}v\r", "version")
    check("Ctrl-A typed twice is one: the begin of the line",
          said.startswith("lethe "), said)


def test_a_paste(line, check):
    """20 lines at once, after a key: each is echoed whole and answered, in
    order."""
    prompted(line)
    line.send("".join(f"x 0:{PASTED_AT + at:#x} 1\r" for at in range(PASTED)))
    for at in range(PASTED):
        line.expect(rf"x 0:{PASTED_AT + at:#x} 1\s*\n")
        line.expect(rf"^0x{PASTED_AT + at:08x} ")
    line.expect(r"^lethe> ")
    said = line.command("log")
    check("nothing is lost", "input lost=0 bytes" in said, said)
    mode = termios.tcgetattr(line.near)
    check("at the speed of COM1", mode[4] == mode[5] == termios.B115200, mode)


def test_leaving_picocom(line, check):
    """Its escape ends it alone: the machine runs on, and answers the next."""
    prompted(line)
    line.type("half a li")
    check("picocom ends with status 0", line.leave() == 0)
    check("the machine runs", line.machine.poll())
    line.start()
    line.type("\x03")
    line.expect(r"^lethe> ")
    said = line.command("ps")
    check("the next picocom is answered",
          said.startswith("guest: running vps=2 "), said)
