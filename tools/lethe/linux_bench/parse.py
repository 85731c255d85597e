# SPDX-License-Identifier: MIT
"""Reads what a run printed: the lines of Linux and the console's answers.

A part is {key: number}; parts() has all of a run, by name.
"""

import re

SAMPLES = re.compile(r"^# bench (\w+)((?: \w+=\d+)+)$")
WORD = re.compile(r"(\w+)=(\d+)")
INVVPIDS = re.compile(r" flushed=\d+ invvpids=\d+ \((.*)\)$", re.MULTILINE)
FLUSHED = re.compile(r" flushed=(\d+) invvpids=", re.MULTILINE)
KICKS = re.compile(r" kicks_sent=(\d+) ", re.MULTILINE)
FIELDS = ("pages", "threads", "operations", "elapsed", "sum", "median", "p99",
          "max")
# Of one group of traced operations, on three lines
WHERE = re.compile(r"^# stress where (\w+) (\w+) pages=(\d+) threads=(\d+)"
                   r"((?: \w+=\d+)+)$")
GROUPS = ("all", "middle", "slowest")
SHARE = "where-"  # how the name of such a part begins
WAITS = ("holder_flushes", "holder_out", "holder_lull", "holder_runs",
         "lock_free")
NOT_WAITS = ("out", "other_lock", "lull", "answer", "split", "rest")
SHARED = (*WAITS, "flush", *NOT_WAITS)
SHARE_FIELDS = ("operations", "ticks", "least", "most", "queued", "timeouts",
                "wakes", "passed", *SHARED)


def samples(lines):
    """{part: values} of the lines `# bench …`: the part of munmap of 16 pages
    by 4 threads is `munmap-16-4`."""
    found = {}
    for line in lines:
        match = SAMPLES.match(line)
        if not match:
            continue
        values = {key: int(value) for key, value in WORD.findall(match[2])}
        if tuple(values) != FIELDS:
            raise ValueError(f"expected the fields {' '.join(FIELDS)}, found "
                             f"`{line}`")
        name = f"{match[1]}-{values.pop('pages')}-{values.pop('threads')}"
        if name in found:
            raise ValueError(f"expected {name} once, found it twice")
        found[name] = values
    return found


def is_share(part):
    return part.startswith(SHARE)


def shares(lines):
    """{part: values} of the lines `# stress where …`: the part of the slowest
    munmaps of 16 pages by 4 threads is `where-munmap-16-4-slowest`."""
    found = {}
    for match in filter(None, map(WHERE.match, lines)):
        name = f"{SHARE}{match[1]}-{match[3]}-{match[4]}-{match[2]}"
        values = found.setdefault(name, {})
        for key, value in WORD.findall(match[5]):
            if key in values:
                raise ValueError(f"{name}: expected {key} once, found it twice")
            values[key] = int(value)
    for name, values in found.items():
        if tuple(values) != SHARE_FIELDS:
            raise ValueError(f"{name}: expected the fields "
                             f"{' '.join(SHARE_FIELDS)}, found "
                             f"{' '.join(values)}")
        if sum(values[key] for key in SHARED) != values["ticks"]:
            raise ValueError(f"{name}: expected shares that add up to "
                             f"{values['ticks']} ticks, found {values}")
    return found


def add(sums, values):
    for key, value in values:
        sums[key] = sums.get(key, 0) + int(value)
    return sums


def invvpids(answer):
    """The console's answer to `flush`: INVVPIDs by type, of all VPs."""
    sums = {}
    for words in INVVPIDS.findall(answer):
        add(sums, WORD.findall(words))
    return sums


def flushed(answer):
    """How often a VP was the target of a flush."""
    return sum(map(int, FLUSHED.findall(answer)))


def kicks(answer):
    """The console's answer to `cpu`: kicks that all CPUs sent."""
    return sum(map(int, KICKS.findall(answer)))


def parts(seen, flush, cpu):
    """All parts of a run. `seen`: a judge.Seen of linux_guest; `flush`, `cpu`:
    the console's answers."""
    return {
        **samples(seen.lines),
        **shares(seen.lines),
        "hypercalls": {code: sum(ends.values())
                       for code, ends in sorted(seen.calls.items())},
        "exits": {name.replace(" ", "_"): count for name, count in
                  sorted(seen.exit_counts.items())},
        "flushes": {"targets": flushed(flush), "kicks": kicks(cpu)},
        "invvpids": invvpids(flush),
        "linux": {"tlb": sum(seen.tlb or [0])},
    }
