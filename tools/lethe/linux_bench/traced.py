# SPDX-License-Identifier: MIT
"""The tables of docs/linux.md about where the time of munmap goes, from the
rows that Linux traced. They are of traced runs only: tracing costs ticks too.
"""

from lethe.linux_bench import parse
from lethe.linux_bench.cells import head, line, number, where, work_name

COLUMNS = {
    "holder_flushes": "lock: a holder flushes",
    "holder_out": "lock: a holder is switched out",
    "holder_lull": "lock: a holder's VP has no turn",
    "holder_runs": "lock: a holder runs",
    "lock_free": "lock: it is free",
    "flush": "flush",
    "out": "switched out",
    "other_lock": "other locks",
    "lull": "its VP has no turn",
    "answer": "flush for another",
    "split": "split of the mapping",
    "rest": "rest"}
GROUPS = {"all": "all", "middle": "around the median", "slowest": "slowest"}


def shares(rows, found):
    """(row, work, group, values) of each group, both arms of a work together;
    of a thread alone only the middle."""
    every = []
    for row in rows:
        for part, values in found[row.name].parts.items():
            if not parse.is_share(part):
                continue
            work, _, group = part.removeprefix(parse.SHARE).rpartition("-")
            if not work.endswith("-1") or group == "middle":
                every.append((row, work, group, values))
    order = list(dict.fromkeys((where(row), work, group)
                               for row, work, group, _ in every))
    return sorted(every, key=lambda one: order.index((where(one[0]),
                                                      *one[1:3])))


def share_table(rows, found):
    """Ticks of an operation, on average of its group."""
    text = head("VPs, CPUs, slice", "work", "operations", "flushes by",
                "ticks", *COLUMNS.values())
    for row, work, group, values in shares(rows, found):
        count = values["operations"]
        text += line(where(row), work_name(work), GROUPS[group], row.arm,
                     *(number(values[key] // count)
                       for key in ("ticks", *COLUMNS)))
    return text


def wait_table(rows, found):
    """How often a thread queued for the lock, and what came of it."""
    text = head("VPs, CPUs, slice", "work", "operations", "flushes by",
                "number", "waits in the queue", "of more than 4 ms",
                "woken in them", "others that took the lock meanwhile")
    for row, work, group, values in shares(rows, found):
        if group != "middle":
            text += line(where(row), work_name(work), GROUPS[group], row.arm,
                         *(number(values[key]) for key in (
                             "operations", "queued", "timeouts", "wakes",
                             "passed")))
    return text
