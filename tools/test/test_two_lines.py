# SPDX-License-Identifier: MIT
"""Tests the terminal of a machine whose second serial port is a guest's: who
gets the keys, and that nothing of either line is lost."""

import os
import types

import pytest

from lethe.machine import terminal, two_lines


class Quiet:
    """Ends that never come; a machine that runs."""

    begin = 0

    def see(self, *_):
        pass

    def judge(self, *_):
        pass

    def poll(self):
        return True


@pytest.fixture(name="lines")
def _lines(tmp_path, monkeypatch):
    shown = []
    monkeypatch.setattr(terminal, "write_all", shown.append)
    keys, typed = os.pipe()
    monkeypatch.setattr(terminal, "STDIN", keys)
    machine = Quiet()
    machine.serial = tmp_path / "serial.txt"
    ends = [os.openpty() for _ in range(2)]
    for master, slave in ends:
        terminal.tty.setraw(slave)
    printer = terminal.Printer(terminal.SignOfLife(False), by_lines=False)
    bridge = two_lines.Bridge(machine, ends[0][0], ends[1][0], Quiet(),
                              printer)
    slaves = [slave for _, slave in ends]
    for slave in slaves:
        os.set_blocking(slave, False)

    def says(number, text):
        os.write(slaves[number], text)
        bridge.step()

    def types_(text):
        """What the two lines get."""
        os.write(typed, text)
        for _ in range(3):
            bridge.step()
        got = []
        for slave in slaves:
            try:
                got.append(os.read(slave, 100))
            except BlockingIOError:
                got.append(b"")
        return got

    yield types.SimpleNamespace(
        says=says, types=types_, bridge=bridge,
        shown=lambda: b"".join([shown.pop(0) for _ in range(len(shown))]))
    for descriptor in (keys, typed, *slaves, *(end for end, _ in ends)):
        os.close(descriptor)
    bridge.serial.close()


def launch(lines):
    lines.says(0, b"[0] boot: launch\n")
    lines.says(1, b"hello\n")
    return lines.shown()


def test_the_guest_comes_to_the_front_when_it_speaks(lines):
    lines.says(1, b"firmware\n")
    assert lines.types(b"a") == [b"a", b""]
    assert b"firmware" not in lines.shown()
    text = launch(lines)
    assert text.startswith(b"[0] boot: launch\n") and text.endswith(b"hello\n")
    assert lines.types(b"ls\r") == [b"", b"ls\r"]


def test_ctrl_t_changes(lines):
    launch(lines)
    assert lines.types(b"b\x14ps\r") == [b"ps\r", b"b"]
    assert b"Lethe's console" in lines.shown()
    lines.says(1, b"from the guest\n")
    lines.says(0, b"lethe> ")
    assert lines.shown() == b"lethe> "
    assert lines.types(b"\x14c") == [b"", b"c"]
    assert lines.shown().endswith(b"from the guest\n")


def test_what_the_console_says_meanwhile_is_kept(lines):
    launch(lines)
    lines.says(0, b"[1] guest: stopped code=0\n")
    assert lines.shown() == b""
    lines.bridge.printer.end()
    assert lines.shown() == b"\n[1] guest: stopped code=0\n"


def test_what_is_kept_has_a_bound(lines):
    launch(lines)
    for _ in range(2 * two_lines.HELD // 1000):
        lines.says(0, b"x" * 1000)
    assert len(lines.bridge.printer.held) == two_lines.HELD
