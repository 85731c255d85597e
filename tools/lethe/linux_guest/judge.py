# SPDX-License-Identifier: MIT
"""Compares what Linux says with what Lethe counted: rows (PASS|FAIL, name,
why), as those of boot_tests/judge.py."""

import dataclasses
import re

from lethe.boot_tests import judge
from lethe.machine import console

ROUNDS = re.compile(r"^# coherence (\w+): rounds=(\d+) checks=(\d+) "
                    r"stale=(\d+) strays=(\d+) failures=(\d+)$")
TLB = re.compile(r"^# interrupts TLB:((?: +\d+)+) +TLB shootdowns$")
TRACE = re.compile(r"^# trace (calls=.*)$")
START = re.compile(r"^# init ticks=(\d+) cpus=(\d+) ")
STOPPED = re.compile(r"^\[\d+\] (\S+): stopped code=(\d+) reason=(\S+)",
                     re.MULTILINE)
CALL = re.compile(r"^ +call (0x[0-9a-f]{4}) +(\S.*)$", re.MULTILINE)
SUSPENDED = re.compile(r"^  suspended (\d+), made again (\d+)$",
                       re.MULTILINE)
SANITIZE = re.compile(r"^\[\d+\] guest: sanitize (compared=.*)$", re.MULTILINE)
EXIT = re.compile(r"^  (\S.*?) +(\d+)  2\^", re.MULTILINE)


@dataclasses.dataclass
class Seen:
    """A run. `hypercalls`: the console's answer; `exits`: one for each VP."""

    text: str
    seconds: float = 0
    hypercalls: str = ""
    exits: list = dataclasses.field(default_factory=list)
    said: list = dataclasses.field(default_factory=list)

    @property
    def lines(self):
        return console.guest_lines(self.text, "guest")

    def find(self, pattern):
        """The last line of the guest that matches, or None."""
        found = [pattern.match(line) for line in self.lines]
        return next((one for one in reversed(found) if one), None)

    @property
    def rounds(self):
        """{kind: (rounds, checks, stale reads)}"""
        found = filter(None, map(ROUNDS.match, self.lines))
        return {one[1]: (int(one[2]), int(one[3]), int(one[4]) + int(one[5]))
                for one in found}

    @property
    def tlb(self):
        """The counts of the row TLB, one for each CPU; None without it."""
        found = self.find(TLB)
        return [int(word) for word in found[1].split()] if found else None

    @property
    def calls(self):
        """{code: {status: count}}"""
        return {code: {word.split("=")[0]: int(word.split("=")[1])
                       for word in words.split()}
                for code, words in CALL.findall(self.hypercalls)}

    @property
    def suspended(self):
        """How many calls were suspended, and how many of them made again."""
        found = SUSPENDED.search(self.hypercalls)
        return (int(found[1]), int(found[2])) if found else (0, 0)

    @property
    def exit_counts(self):
        """{reason: exits of all VPs}, calls by their code too"""
        sums = {}
        for answer in self.exits:
            for name, count in EXIT.findall(answer):
                sums[name] = sums.get(name, 0) + int(count)
        return sums

    @property
    def start_ticks(self):
        found = self.find(START)
        return int(found[1]) if found else None


def total(seen, index):
    return sum(values[index] for values in seen.rounds.values())


def judge_ends(row, seen):
    """Each partition stops once, with its code and its reason."""
    found = [(name, f"{code} {reason}")
             for name, code, reason in STOPPED.findall(seen.text)]
    rows = []
    for name, wanted in {"guest": f"{row.code} {row.reason}",
                         **row.ends}.items():
        ends = [end for other, end in found if other == name]
        ok = len(ends) == 1 and re.fullmatch(wanted, ends[0])
        what = "end" if name == "guest" else f"end of {name}"
        rows.append(judge.row(ok, f"{row.name}: {what}",
                              f"expected {wanted}, found {ends}"))
    return rows


def judge_start(row, seen):
    found = seen.find(START)
    cpus = int(found[2]) if found else 0
    return [judge.row(cpus == row.vp_count, f"{row.name}: user space",
                      f"expected init with {row.vp_count} CPUs, found {cpus}")]


def judge_tlb(row, seen):
    name = f"{row.name}: TLB row {row.tlb}"
    counts = seen.tlb
    if counts is None or len(counts) != row.vp_count:
        return [judge.row(False, name, f"expected {row.vp_count} counts, found "
                          f"{counts}")]
    ok = sum(counts) == 0 if row.tlb == "zero" else \
        sum(counts) >= total(seen, 0) > 0
    return [judge.row(ok, name, f"found {counts}, after {total(seen, 0)} "
                      "rounds")]


def judge_codes(row, seen):
    """Each call succeeded, if inhibits are expected after suspensions; all
    codes were seen, no other was; and if there were any, at least as many calls
    as the checker made rounds."""
    calls = seen.calls
    good = {"success", "suspended"} if row.suspended else {"success"}
    bad = {code: ends for code, ends in calls.items() if set(ends) - good}
    count = sum(ends.get("success", 0) for ends in calls.values())
    rows = [judge.row(sorted(calls) == sorted(row.codes),
                      f"{row.name}: codes", f"expected {sorted(row.codes)}, "
                      f"found {sorted(calls)}"),
            judge.row(not bad, f"{row.name}: statuses", f"found {bad}")]
    if row.codes:
        need = max(total(seen, 0), 1)
        rows.append(judge.row(count >= need, f"{row.name}: calls",
                              f"expected at least {need}, found {count}"))
    return rows


def judge_suspended(row, seen):
    suspended, again = seen.suspended
    return [judge.row(suspended >= row.suspended,
                      f"{row.name}: suspended calls",
                      f"expected at least {row.suspended}, found {suspended}"),
            judge.row(suspended == again, f"{row.name}: calls made again",
                      f"expected {suspended}, found {again}")]


def judge_checks(row, seen):
    checks, stale = total(seen, 1), total(seen, 2)
    return [judge.row(checks >= row.checks, f"{row.name}: checks",
                      f"expected at least {row.checks}, found {checks}"),
            judge.row(stale == 0, f"{row.name}: stale reads",
                      f"found {stale} in {checks} checks")]


def judge_entries(row, seen):
    """Linux's own trace has calls with so many list entries."""
    found = seen.find(TRACE)
    counts = dict(word.split("=") for word in found[1].split()) if found else {}
    return [judge.row(int(counts.get(f"entries{n}", 0)) > 0,
                      f"{row.name}: calls with {n} entries",
                      f"found {counts}") for n in row.entries]


def judge_bars(row, seen):
    counts = seen.exit_counts
    every = sum(counts.values())
    ticks = seen.start_ticks or 0
    bars = (("ticks to init", ticks, row.ticks), ("exits", every, row.exits),
            ("exits but IO", every - counts.get("IO", 0), row.exits_not_io))
    return [judge.row(0 < found <= bar, f"{row.name}: {what}",
                      f"expected at most {bar}, found {found}")
            for what, found, bar in bars if bar]


def judge_all(row, seen):
    rows = [*judge_ends(row, seen), *judge_start(row, seen),
            *judge.judge_text(row.name, seen.text, row.console, row.forbid)]
    if row.plan and row.checks:
        rows += judge.judge_suites(row, seen)
    if row.tlb != "any":
        rows += judge_tlb(row, seen)
    if row.codes is not None:
        rows += judge_codes(row, seen)
    if row.plan and row.checks:
        rows += judge_checks(row, seen)
    if row.suspended:
        rows += judge_suspended(row, seen)
    return [*rows, *judge_entries(row, seen), *judge_bars(row, seen)]


def figures(seen):
    """What was measured, in one line."""
    counts = seen.exit_counts
    calls = {code: sum(ends.values()) for code, ends in seen.calls.items()}
    words = [f"ticks={seen.start_ticks}", f"exits={sum(counts.values())}",
             f"io={counts.get('IO', 0)}", f"rounds={total(seen, 0)}",
             f"checks={total(seen, 1)}", f"stale={total(seen, 2)}",
             *(["suspended={} again={}".format(*seen.suspended)]
               if seen.suspended[0] else []),
             f"tlb={sum(seen.tlb) if seen.tlb else 0}",
             *(f"{code}={count}" for code, count in sorted(calls.items())),
             *SANITIZE.findall(seen.text)]
    return " ".join(words)
