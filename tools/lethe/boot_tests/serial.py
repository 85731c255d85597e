# SPDX-License-Identifier: MIT
"""Judges the long outputs of the suites print-numbered and print-blind.

Both sides make the same lines: guest-test/suites/storms/numbered.c. The
console cuts a guest's line after CUT characters (GUEST_LINE_MAX).
"""

import re

CUT = 200
LENGTH_MAX = 4000
LENGTH_STEP = 2749
LETTERS = "abcdefghijklmnopqrstuvwxyz"
BLIND = "~"
DROPPED = re.compile(r"^\[\d+\] guest: console bytes dropped=(\d+)$", re.M)


def line(number):
    """Line `number` of the suite print-numbered."""
    length = 1 + number * LENGTH_STEP % LENGTH_MAX
    start = f"{number}:"
    rest = "".join(LETTERS[(number + k) % len(LETTERS)]
                   for k in range(len(start), length))
    return (start + rest)[:length]


def pieces(size):
    """The console's lines for the numbered lines of at least `size` bytes."""
    found, number = [], 0
    while size > 0:
        text = line(number)
        size -= len(text) + 1
        found += [text[k:k + CUT] for k in range(0, len(text), CUT)]
        number += 1
    return found


def compare_numbered(lines, size):
    """Why the guest's lines do not contain all numbered ones in their order,
    without any between them; empty: they do."""
    wanted = pieces(size)
    if wanted[0] not in lines:
        return f"expected a line `{wanted[0]}`, found none"
    start = lines.index(wanted[0])
    for at, text in enumerate(wanted):
        got = lines[start + at] if start + at < len(lines) else "the end"
        if got != text:
            return (f"piece {at} of {len(wanted)}: expected "
                    f"`{text[:40]}…` of {len(text)}, found `{got[:40]}…` of "
                    f"{len(got)}")
    return ""


def compare_blind(lines, text, size):
    """Why what the console shows and what Lethe says it has dropped are not
    `size` bytes together, or nothing was dropped; empty: they are."""
    shown = sum(len(one) for one in lines if set(one) == {BLIND})
    found = DROPPED.search(text)
    dropped = int(found[1]) if found else 0
    if not dropped:
        return f"expected dropped bytes, found none; shown: {shown}"
    if shown + dropped != size:
        return f"expected {size} bytes, found {shown} shown, {dropped} dropped"
    return ""
