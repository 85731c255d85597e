# SPDX-License-Identifier: MIT
"""The checks that a peer, another hypervisor, is known to fail, from
tests/known-*.toml.

A row names checks, their deviating values (regular expressions for the lines
`# what: got, not wanted`), the reason, and who is right. A check fails if it
has other values than its row, or if it passes although it has a row: then the
peer or the check has changed.
"""

import dataclasses
import re
import tomllib

from lethe import tap

DETAIL = re.compile(r"^(.*?)( vp \d+)?$")
RIGHT = ("lethe", "kvm", "open")
QUIET = ("guest-test", "bench", "SUMMARY", "heading")


@dataclasses.dataclass
class Check:
    """One result of a guest: PASS, SKIP or FAIL, with its lines."""

    name: str
    state: str
    reason: str
    details: list


def parse(text):
    """The checks of a guest's output in order."""
    found = []
    for check in tap.read(text.splitlines()).checks:
        details = [DETAIL.match(note)[1] for note in check.notes
                   if not note.startswith(QUIET)]
        if check.state == "FAIL" and check.comment:
            details.append(check.comment)
        found.append(Check(check.name, check.state, check.comment, details))
    return found


class Known:
    """The table of one peer."""

    def __init__(self, path):
        table = tomllib.loads(path.read_text())
        self.peer = table["peer"]["name"]
        self.versions = table["peer"]["versions"]
        self.rows = {}
        for row in table["known"]:
            values = [re.compile(value) for value in row["values"]]
            if not row["why"] or not values:
                raise ValueError(f"{path.name}: {row['checks']}: expected "
                                 "`why` and `values`, found one empty")
            if row["right"] not in RIGHT or not row["because"]:
                raise ValueError(f"{path.name}: {row['checks']}: expected "
                                 f"`right` ({', '.join(RIGHT)}) and its reason "
                                 f"`because`, found `{row['right']}` and "
                                 f"`{row['because']}`")
            for name in row["checks"]:
                if name in self.rows:
                    raise ValueError(f"{path.name}: expected {name} in one "
                                     "row, found it in two")
                self.rows[name] = values

    def judge(self, check):
        """(state, what is wrong) of a check. FAIL becomes KNOWN if the values
        are those of its row."""
        values = self.rows.get(check.name)
        if values is None or check.state == "SKIP":
            wrong = "; ".join(check.details) if check.state == "FAIL" else ""
            return check.state, wrong
        if check.state == "PASS":
            return "FAIL", "passes, but is in the table of known failures"
        stray = [line for line in check.details
                 if not any(value.fullmatch(line) for value in values)]
        unseen = [value.pattern for value in values
                  if not any(map(value.fullmatch, check.details))]
        if stray or unseen:
            return "FAIL", (f"known with other values: found {stray}, not "
                            f"found {unseen}")
        return "KNOWN", ""

    def version_fits(self, version):
        return re.search(self.versions, version) is not None
