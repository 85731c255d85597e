# SPDX-License-Identifier: MIT
"""Sums up the console of a run in one line."""

import re

from lethe import tap
from lethe.machine import console, ending

# Lethe does not use these two codes itself: docs/abi.md, section 6
REFUSED = 226  # Lethe refused: nothing was started
NO_EXIT_LINE = 225
SHOWN = 3  # names of failed checks
BANNER = re.compile(r"^lethe \S+ commit \S+: loader \S+.*$", re.MULTILINE)
POWEROFF = re.compile(rb"^[ \t]*poweroff[ \t]*=", re.MULTILINE)


def refusal(text):
    """All lines that Lethe printed if it refused to start, else none."""
    found = list(ending.REFUSED.finditer(text))
    if not found:
        return []
    end = text.find("\n", found[-1].start())
    own = text[:end if end >= 0 else len(text)]
    banners = list(BANNER.finditer(own))
    if banners:
        own = own[banners[-1].end():]
    return [line.rstrip() for line in own.split("\n") if line.strip()]


def guests(text):
    """[(name, lines)] of the partitions that printed."""
    names = dict.fromkeys(found[1] for found in map(
        console.GUEST.match, text.split("\n")) if found)
    return [(name, console.guest_lines(text, name)) for name in names]


def bailed(text):
    """Whether a guest printed `Bail out!`; then only this line matters."""
    return bool(tap.read(console.guest_lines(text)).bail)


def plural(number):
    return f"{number} check" if number == 1 else f"{number} checks"


def checks(text):
    """The results in the guests' TAP in a few words; empty if there is none."""
    results = []
    wrong = []
    for name, lines in guests(text):
        stream = tap.read(lines)
        if stream.bail:
            wrong.append(f"{name}: {stream.bail}")
            continue
        results += stream.checks
        if stream.checks:
            wrong += [f"{name}: {error}" for error in stream.errors]
    count = {state: [check.name for check in results if check.state == state]
             for state in ("PASS", "FAIL", "SKIP")}
    words = []
    if count["FAIL"]:
        names = ", ".join(count["FAIL"][:SHOWN])
        more = " …" if len(count["FAIL"]) > SHOWN else ""
        words.append(f"{len(count['FAIL'])} of {plural(len(results))} failed: "
                     f"{names}{more}")
    elif results:
        words.append(f"{plural(len(count['PASS']))} passed")
    if count["SKIP"]:
        words[-1] += f", {len(count['SKIP'])} skipped"
    return "; ".join([*words, *wrong])


def poweroff(outcome, config, seconds):
    """A line for a machine that did not power off by itself; else empty."""
    if outcome.end != "no power-off":
        return ""
    why = ("the poweroff key of lethe.conf does nothing here"
           if POWEROFF.search(config) else
           "lethe.conf has no poweroff key for this machine")
    return f"no power-off within {seconds} s ({why}); ended"


def last(outcome):
    """The last line about a run with an exit line."""
    code, reason = outcome.exit
    said = checks(outcome.text) or f"exit code={code} reason={reason}"
    return said + ("; Lethe has powered off" if outcome.end == "off" else
                   "; Lethe has ended")
