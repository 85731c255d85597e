# SPDX-License-Identifier: MIT
"""The tables of docs/linux.md about where the time of munmap goes, from the
rows that Linux traced. They are of traced runs only: tracing costs ticks too.
"""

from fractions import Fraction

from lethe.linux_bench import bars, parse
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


def part_name(vps, group, reads=False):
    return f"{parse.SHARE}{bars.munmap(bars.UNMAPPED, vps, reads)}-{group}"


def arms(rows, found, vps):
    """{arm: parts} of the rows with so many VPs."""
    return {row.arm: found[row.name].parts for row in rows if row.vps == vps}


def per_operation(values, *keys):
    return sum(values[key] for key in keys) // values["operations"]


def median_words(parts, group="middle"):
    """What flushes are in the operations around the median. `parts`: {arm:
    parts} of 2 VPs."""
    name = part_name(2, group)
    if not all(name in parts.get(arm, {}) for arm in ("hypercall", "ipi")):
        return ""
    calls, shots = parts["hypercall"][name], parts["ipi"][name]
    free = Fraction(shots["ticks"], shots["ticks"] - shots["flush"] -
                    shots["answer"])
    words = ", ".join(
        f"{what} {number(per_operation(calls, *keys))} and "
        f"{number(per_operation(shots, *keys))}" for what, keys in (
            ("its own flush", ("flush",)),
            ("flushes for the other", ("answer",)),
            ("waits for the lock", parse.WAITS), ("splits", ("split",)),
            ("the rest", ("rest",))))
    return (f"* 2 VPs on 2 CPUs, munmap of 16 pages around the median: "
            f"{number(per_operation(calls, 'ticks'))} ticks with hypercalls, "
            f"{number(per_operation(shots, 'ticks'))} with interrupts. Of "
            f"these {words}. Without any flush the run with interrupts would "
            f"be {bars.cut(free)} times shorter.\n")


def percent(values, *keys):
    return bars.cut(Fraction(100 * sum(values[key] for key in keys),
                             values["ticks"]), 1)


def tail_words(parts):
    """What the slowest hundredth waits for. `parts`: {arm: parts} of 4 VPs."""
    text = ""
    for reads in (False, True):
        name = part_name(4, "slowest", reads)
        for arm, found in parts.items():
            if name not in found:
                continue
            one = found[name]
            free = Fraction(one["ticks"], one["ticks"] - one["flush"] -
                            one["holder_flushes"])
            text += (
                f"* 4 VPs on 2 CPUs, 5 ms, the slowest of munmap of 16 pages"
                f"{' that were read' * reads}, {arm}: from "
                f"{number(one['least'])} ticks on. The wait for the lock has "
                f"{percent(one, *parse.WAITS)} %, the own flush "
                f"{percent(one, 'flush')} %, all else "
                f"{percent(one, *parse.NOT_WAITS)} %; "
                f"{number(one['timeouts'])} waits in the queue were longer "
                f"than 4 ms. Without any flush, their own or of a holder of "
                f"the lock, they would be {bars.cut(free)} times shorter.\n")
    return text


def reasons(rows, found):
    return median_words(arms(rows, found, 2)) + \
        tail_words(arms(rows, found, 4))
