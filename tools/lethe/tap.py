# SPDX-License-Identifier: MIT
"""Reads and writes TAP, for all tools.

The guest's suites, the host tests and the tools' own tests print it: results
`ok 1 - name # comment`, notes `# text` before the result that they belong to,
a plan `1..N`, and `Bail out!`.
"""

import dataclasses
import functools
import re
import threading

RESULT = re.compile(r"^(ok|not ok) (\d+)(?: - (.*?))?(?:\s+# (.*))?$")
PLAN = re.compile(r"^1\.\.(\d+)$")
SKIP = re.compile(r"SKIP\b\s*", re.IGNORECASE)
NOTE = "# "
BAIL = "Bail out!"


@dataclasses.dataclass
class Check:
    """One result. The `comment` of a skipped check is the reason."""

    number: int
    name: str
    state: str  # PASS, FAIL or SKIP
    comment: str = ""
    notes: list = dataclasses.field(default_factory=list)


@dataclasses.dataclass
class Stream:
    """All results; `errors` says what is wrong with the stream itself."""

    checks: list
    errors: list
    bail: str = ""  # the line `Bail out! …`, if there is one

    def names(self, state):
        return [check.name for check in self.checks if check.state == state]


def result(line):
    """The Check of a line, or None if the line is no result."""
    found = RESULT.match(line)
    if not found:
        return None
    name, comment = found[3] or found[2], found[4] or ""
    state = "PASS" if found[1] == "ok" else "FAIL"
    skip = SKIP.match(comment)
    if skip and state == "PASS":
        state, comment = "SKIP", comment[skip.end():]
    return Check(int(found[2]), name, state, comment)


def read(lines):
    """The Stream of these lines; lines that are not TAP are ignored."""
    stream = Stream([], [])
    plan = None
    notes = []
    for line in lines:
        check = result(line)
        if check:
            check.notes, notes = notes, []
            stream.checks.append(check)
            due = len(stream.checks)
            if check.number != due:
                stream.errors.append(f"expected result number {due}, found "
                                     f"{check.number}")
        elif line.startswith(NOTE):
            notes.append(line.removeprefix(NOTE))
        elif PLAN.match(line):
            plan = int(PLAN.match(line)[1])
        elif line.startswith(BAIL):
            stream.bail = stream.bail or line
    if plan is None:
        stream.errors.append("no plan `1..N`: the suite did not end")
    elif plan != len(stream.checks):
        stream.errors.append(f"expected {plan} results as planned, found "
                             f"{len(stream.checks)}")
    return stream


class Writer:
    """Prints results as they come, from any thread."""

    def __init__(self, put=functools.partial(print, flush=True)):
        self.put = put
        self.passed = self.failed = 0
        self.lock = threading.Lock()

    def line(self, good, name, comment=""):
        with self.lock:
            self.passed += bool(good)
            self.failed += not good
            self.put(f"{'ok' if good else 'not ok'} "
                     f"{self.passed + self.failed} - {name}"
                     f"{' # ' if comment else ''}{comment}")

    def plan(self):
        self.put(f"1..{self.passed + self.failed}")
