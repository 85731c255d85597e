# SPDX-License-Identifier: MIT
"""Reads which results failed, and why, from the lines that a step of
`make check` prints.

A failed result has one of these forms. Its reason is in brackets here:

    not ok 3 - name # reason          or in the note `# reason` above it
    [2/9] test FAIL 1.2s              each line `    name (reason)` below it
    [7] mutant LIVES: reason
    lint: name FAIL                   the next line, also of fuzz/name FAIL
    reproducible: name DIFFERS
    row  12  34  FAIL: reason         a row of a table of figures
"""

import re

from lethe import tap

NOTE_MAX = 160  # characters of a reason
ROWS = re.compile(r"^\[\d+/\d+\] (\S+) FAIL\b")
BELOW = re.compile(r"^(?:lint: )?(\S.*) FAIL$")
ALONE = (re.compile(r"^\[\d+\] (\S+) LIVES: (.*)$"),
         re.compile(r"^reproducible: (\S+) DIFFERS()$"),
         re.compile(r"^(\S+) .*  FAIL: (.*)$"))
INDENT = "    "


def text(name, why):
    why = why.strip()
    if len(why) > NOTE_MAX:
        why = f"{why[:NOTE_MAX - 2]} …"
    return f"{name} ({why})" if why else name


class Failures:
    """The failed results among the lines that add() is given, in order."""

    def __init__(self):
        self.found = []  # [name, reason]
        self.note = ""
        self.test = None  # the boot test whose rows follow
        self.waits = False  # the next line is the reason of the last result
        self.last = ""

    def add(self, line):
        check = tap.result(line)
        if self.test and not line.startswith(INDENT):
            self.test = None
        if check:
            if check.state == "FAIL":
                self.found.append([check.name, check.comment or self.note])
            self.note = ""
        elif line.startswith(tap.NOTE):
            self.note = self.note or line.removeprefix(tap.NOTE)
        elif self.test:
            self.add_below(line.strip())
        elif self.waits:
            self.found[-1][1] = line
            self.waits = not line.strip()
        else:
            self.add_alone(line)
        self.last = line.strip() or self.last

    def add_below(self, line):
        """A row begins with the test's name; how the machine ended follows
        them and belongs to the last one."""
        if re.match(rf"{re.escape(self.test)}(?![\w-])", line):
            name, _, why = line.partition(" (")
            self.found.append([name, why.removesuffix(")")])
        elif self.found:
            self.found[-1][1] += f"; {line}"

    def add_alone(self, line):
        rows = ROWS.match(line)
        below = BELOW.match(line)
        if rows:
            self.test = rows[1]
        elif below:
            self.found.append([below[1], ""])
            self.waits = True
        for form in ALONE:
            found = form.match(line)
            if found:
                self.found.append([found[1], found[2]])

    def texts(self, count):
        """`name (reason)` of `count` failed results; if fewer lines told of
        one, the last line of all stands for the others."""
        told = [text(*one) for one in self.found]
        rest = count - len(told)
        if rest > 0:
            name = f"{rest} more" if told else f"{rest} failed"
            told.append(text(name, f"last line: {self.last}" if self.last
                             else "it printed nothing"))
        return told
