# SPDX-License-Identifier: MIT
"""Reads a machine's console: its last line, its guests' lines, their TAP."""

import dataclasses
import re

ESCAPES = re.compile(r"\x1b(?:\[[0-9;?=]*[A-Za-z]|[()][A-Z0-9]|[=>78])")
EXIT = re.compile(r"^exit code=(\d+) reason=(\S.*)$")
GUEST = re.compile(r"^([A-Za-z0-9_.-]+)\| (.*)$")
TAP = re.compile(r"^(ok|not ok) (\d+)(?: - (.*))?$")
PLAN = re.compile(r"^1\.\.(\d+)$")
SKIP = re.compile(r"^(.*?)\s*# SKIP\b.*$", re.IGNORECASE)


def clean(data):
    """Bytes of a serial port as text with plain line ends."""
    text = data.decode("utf-8", "replace").replace("\0", "")
    return re.sub(r"\r+\n", "\n", ESCAPES.sub("", text))


def exit_line(text):
    """(code, reason) if the last line with anything on it says so."""
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    found = EXIT.match(lines[-1]) if lines else None
    return (int(found[1]), found[2]) if found else None


def guest_lines(text, name=None):
    """The lines that guests printed (of the partition `name` if given)."""
    found = (GUEST.match(line.rstrip()) for line in text.split("\n"))
    return [line[2] for line in found if line and name in (None, line[1])]


@dataclasses.dataclass
class Tap:
    """What a TAP stream says: [(PASS|FAIL|SKIP, name)], and what is wrong."""

    results: list
    errors: list


def tap(lines):
    results = []
    errors = []
    plan = None
    for line in lines:
        if PLAN.match(line):
            plan = int(PLAN.match(line)[1])
        row = TAP.match(line)
        if not row:
            continue
        name = row[3] or row[2]
        skipped = SKIP.match(name)
        if skipped:
            name = skipped[1]
        if int(row[2]) != len(results) + 1:
            errors.append(f"number {row[2]} where {len(results) + 1} is due")
        state = "PASS" if row[1] == "ok" else "FAIL"
        results.append(("SKIP" if skipped and state == "PASS" else state, name))
    if plan is None:
        errors.append("no plan: the suite did not end")
    elif plan != len(results):
        errors.append(f"plan of {plan}, results of {len(results)}")
    return Tap(results, errors)
