# SPDX-License-Identifier: MIT
"""Judges a run of a kernel that has a mistake of patch.py: its path ran, where
the kernel itself says that it is, and the sanitizer found it. Whether the
checker of stale translations or the kernel noticed is only written down."""

import re

from lethe.boot_tests import judge

SYMBOL = re.compile(r"^# symbol (\S+) (0x[0-9a-f]+) ")
FINDING = re.compile(r"^\[\d+\] guest: sanitize finding kind=(\w+) ",
                     re.MULTILINE)
COUNTER = re.compile(r"^# counter (\d+)$")
KERNEL = re.compile(r"^guest\| (BUG:|WARNING:|Oops|general protection|"
                    r"Kernel panic|Bad page)", re.MULTILINE)


def count(seen):
    """How often the path ran, or None."""
    found = seen.find(COUNTER)
    return int(found[1]) if found else None


def kinds(seen):
    """{kind: printed findings}"""
    found = FINDING.findall(seen.text)
    return {kind: found.count(kind) for kind in sorted(set(found))}


def judge_places(row, made, seen):
    """Where the kernel's own kallsyms has what was patched."""
    said = dict(found.groups() for found in map(SYMBOL.match, seen.lines)
                if found)
    return [judge.row(int(said.get(name, "0"), 16) == place,
                      f"{row.name}: place of {name}",
                      f"expected {place:#x}, found {said.get(name)}")
            for name, place in made.patched.names]


def judge_all(row, made, seen):
    if not row.patch:
        return []
    ran, found = count(seen), kinds(seen)
    return [judge.row(bool(ran), f"{row.name}: path",
                      f"expected that it ran, found {ran}"),
            *judge_places(row, made, seen),
            judge.row(bool(set(row.finds) & set(found)),
                      f"{row.name}: findings",
                      f"expected one of {', '.join(row.finds)}, found "
                      f"{found or 'none'}")]


def figures(row, seen):
    """More words for the line of figures."""
    if not row.patch:
        return ""
    words = [f"{kind}={number}" for kind, number in kinds(seen).items()]
    return " ".join(["", f"path={count(seen)}", *words,
                     f"kernel={len(KERNEL.findall(seen.text))}"])
