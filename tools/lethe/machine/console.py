# SPDX-License-Identifier: MIT
"""Reads a machine's console: its last line, its guests' lines."""

import re

ESCAPES = re.compile(r"\x1b(?:\[[0-9;?=]*[A-Za-z]|[()][A-Z0-9]|[=>78])")
EXIT = re.compile(r"^exit code=(\d+) reason=(\S.*)$")
GUEST = re.compile(r"^([A-Za-z0-9_.-]+)\| (.*)$")


def clean(data):
    """Bytes of a serial port as text with plain line ends."""
    text = data.decode("utf-8", "replace").replace("\0", "")
    return re.sub(r"\r+\n", "\n", ESCAPES.sub("", text))


def exit_line(text):
    """(code, reason) if the last line that is not blank is an exit line, else
    None."""
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    found = EXIT.match(lines[-1]) if lines else None
    return (int(found[1]), found[2]) if found else None


def guest_lines(text, name=None):
    """The lines that guests printed (of the partition `name` if given)."""
    found = (GUEST.match(line.rstrip()) for line in text.split("\n"))
    return [line[2] for line in found if line and name in (None, line[1])]
