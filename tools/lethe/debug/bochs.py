# SPDX-License-Identifier: MIT
"""Drives a run by the prompt of Bochs's own debugger, line by line.

The prompt `<bochs:N>` counts the lines that the debugger has read. So an answer
ends with the prompt that has the next number.
"""

import os
import pathlib
import re
import signal
import subprocess
import time

from lethe import cli
from lethe.machine.emulator import environment
from lethe.machine.process import POLL_SECONDS, Machine

ANSWER_SECONDS = 60
PROMPT = re.compile(rb"<bochs:(\d+)> $")
PROMPTS = re.compile(r"<bochs:\d+> ")
ROW = re.compile(r"^0x([0-9a-f]+) <bogus\+ *\d+>:((?:\t0x[0-9a-f]+)+)$",
                 re.MULTILINE)
REGISTER = re.compile(r"\b(r[a-z0-9]{1,2}) ?: ([0-9a-f]{8})_([0-9a-f]{8})")
FLAGS = re.compile(r"^r?eflags 0x([0-9a-f]+)", re.MULTILINE)
SEGMENT = re.compile(r"^(cs|ss):0x([0-9a-f]{4}),", re.MULTILINE)
GUEST = re.compile(r"in_vmx_guest = (true|false)")
CONTROLS = re.compile(r"vmexec_ctrls2 = 0x([0-9a-f]+)")
CURRENT = re.compile(r"vmcsptr = 0x([0-9a-f]+)")


class Debugger(Machine):
    """A Bochs that stops at the prompt before the first instruction."""

    def __init__(self, command, folder):
        super().__init__(command, folder)
        (pathlib.Path(folder) / "debugger").write_text("")
        self.said = pathlib.Path(folder) / "stdout.txt"
        self.asked = 0  # lines sent
        self.seen = 0  # bytes of stdout.txt that belong to earlier answers

    def __enter__(self):
        with open(self.said, "wb") as out, open(self.stderr, "wb") as err:
            self.process = subprocess.Popen(
                self.command, cwd=self.folder, stdin=subprocess.PIPE,
                stdout=out, stderr=err, start_new_session=True,
                env=environment(self.folder))
        self.wait()
        return self

    def poll(self):
        """True while the machine runs, not while it is at the prompt."""
        return self.is_alive() and not self.is_at_prompt()

    def is_alive(self):
        return super().poll()

    def is_at_prompt(self):
        with open(self.said, "rb") as file:
            file.seek(max(self.said.stat().st_size - 64, self.seen))
            found = PROMPT.search(file.read())
        return bool(found) and int(found[1]) == self.asked + 1

    def wait(self, seconds=ANSWER_SECONDS):
        """Waits for the prompt; returns what was printed before it."""
        end = time.monotonic() + seconds
        while not self.is_at_prompt():
            if not self.is_alive():
                raise cli.Wrong("expected the prompt of Bochs's debugger, "
                                "found that Bochs has ended; its output is "
                                f"in {self.said}")
            if time.monotonic() > end:
                raise cli.Wrong("expected the prompt of Bochs's debugger, "
                                f"found none after {seconds} s")
            time.sleep(POLL_SECONDS)
        with open(self.said, "rb") as file:
            file.seek(self.seen)
            data = file.read()
        self.seen += len(data)
        return PROMPTS.sub("", data.decode("utf-8", "replace"))

    def send(self, *lines):
        self.process.stdin.write("".join(f"{x}\n" for x in lines).encode())
        self.process.stdin.flush()
        self.asked += len(lines)

    def ask(self, *lines):
        """Sends these lines; returns all that is printed as the answer."""
        self.send(*lines)
        return self.wait()

    def interrupt(self):
        """Stops a running machine, as Ctrl-C does; returns what was printed."""
        if self.poll():
            os.kill(self.process.pid, signal.SIGINT)
        return self.wait()

    def read(self, *pieces):
        """Host-physical memory: the bytes of each (address, length), both
        multiples of 16."""
        return self.parse(self.ask(*(f"xp /{size // 8}gx 0x{at:x}"
                                     for at, size in pieces)), pieces)

    def linear(self, number, at, size):
        """Memory at a linear address of a CPU, in the mode where it stopped."""
        text = self.ask(f"set $cpu = {number}", f"x /{size // 8}gx 0x{at:x}")
        return self.parse(text, [(at, size)])[0]

    def parse(self, text, pieces):
        known = {}
        for address, values in ROW.findall(text):
            known[int(address, 16)] = b"".join(
                int(word, 16).to_bytes(8, "little") for word in values.split())
        try:
            return [b"".join(known[at + k] for k in range(0, size, 16))
                    for at, size in pieces]
        except KeyError as missing:
            raise cli.Wrong("Bochs's x and xp: expected memory at "
                            f"{missing.args[0]:#x}, found none") from None

    def registers(self, number):
        """{name: value} of a CPU's registers where the machine stopped."""
        text = self.ask(f"set $cpu = {number}", "r", "sreg")
        found = {name: int(high + low, 16)
                 for name, high, low in REGISTER.findall(text)}
        found["eflags"] = int(FLAGS.search(text)[1], 16)
        found.update((name, int(value, 16))
                     for name, value in SEGMENT.findall(text))
        return found

    def vmx(self, number):
        """(whether it is in guest mode, address of its current VMCS, its
        processor-based controls) of a CPU."""
        text = self.ask(f'show "cpu{number}.VMX"')
        return (GUEST.search(text)[1] == "true",
                int(CURRENT.search(text)[1], 16),
                int(CONTROLS.search(text)[1], 16))
