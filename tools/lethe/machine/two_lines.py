# SPDX-License-Identifier: MIT
"""This terminal as two serial lines, one at a time: COM1, which is Lethe's
console, and COM2, which is a guest's (`output = com2`). Ctrl-T changes between
them."""

import os

from lethe.machine import terminal

KEY = b"\x14"  # Ctrl-T, as on a console that both share
LAUNCH = b"boot: launch"  # from then on COM2 is the guest's
HELD = 65536  # bytes of the other line that are kept
NOTE = "\n[{}; Ctrl-T changes]\n"


class Printer:
    """Prints what COM1 says while it is in front, and keeps the rest."""

    def __init__(self, printer):
        self.printer = printer
        self.is_front = True
        self.held = b""

    def put(self, data):
        if self.is_front:
            self.printer.put(data)
        else:
            self.held = (self.held + data)[-HELD:]

    def show(self):
        self.is_front = True
        self.printer.put(self.held)
        self.held = b""

    def hide(self):
        self.is_front = False

    def end(self):
        if not self.is_front:
            terminal.write_all(b"\n")
            self.show()
        self.printer.end()


class Bridge(terminal.Bridge):
    """The terminal is COM1 until the guest says something on COM2, whose pty's
    master is `guest`."""

    def __init__(self, machine, line, guest, ends, printer):
        super().__init__(machine, line, ends, Printer(printer))
        self.guest = guest
        self.held = b""
        self.has_spoken = False  # the guest, and not the firmware
        self.sources.append(guest)
        os.set_blocking(guest, False)

    def change(self):
        if self.front == self.guest:
            self.front = self.line
            terminal.write_all(NOTE.format("Lethe's console").encode())
            self.printer.show()
        else:
            self.printer.hide()
            self.front = self.guest
            terminal.write_all(NOTE.format("the guest").encode())
            terminal.write_all(self.held)
            self.held = b""

    def take(self, keys):
        before, *others = keys.split(KEY)
        super().take(before)
        for text in others:
            self.send()
            self.keys = b""  # what the line in front has not taken
            self.change()
            super().take(text)

    def other(self, ready):
        if self.guest not in ready:
            return
        data = os.read(self.guest, terminal.CHUNK)
        if self.front == self.guest:
            terminal.write_all(data)
            return
        if not self.has_spoken:
            if LAUNCH not in self.tail:
                return
            self.has_spoken = True
            self.change()
            terminal.write_all(data)
            return
        self.held = (self.held + data)[-HELD:]
