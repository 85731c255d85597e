# SPDX-License-Identifier: MIT
"""TAP, as the guest's suites, the host tests and the tools' own tests print it:
results `ok 1 - name # comment`, notes `# text` before the result that they
belong to, a plan `1..N`, `Bail out!`. All tools read it here.
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
    """One result; `comment`: of a skipped one the reason."""

    number: int
    name: str
    state: str  # PASS, FAIL or SKIP
    comment: str = ""
    notes: list = dataclasses.field(default_factory=list)


@dataclasses.dataclass
class Stream:
    """All results, and what is wrong with the stream itself."""

    checks: list
    errors: list
    bail: str = ""  # the line of a guest that gave up

    def names(self, state):
        return [check.name for check in self.checks if check.state == state]


def result(line):
    """The result that the line is, or None."""
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
    """The stream of these lines; what is no TAP is passed over."""
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
                stream.errors.append(f"number {check.number} where {due} is "
                                     "due")
        elif line.startswith(NOTE):
            notes.append(line.removeprefix(NOTE))
        elif PLAN.match(line):
            plan = int(PLAN.match(line)[1])
        elif line.startswith(BAIL):
            stream.bail = stream.bail or line
    if plan is None:
        stream.errors.append("no plan: the suite did not end")
    elif plan != len(stream.checks):
        stream.errors.append(f"plan of {plan}, results of "
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
