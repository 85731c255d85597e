# SPDX-License-Identifier: MIT
"""The session that docs/debugging.md shows: the commands are typed here, and
the document must have what GDB answers, up to addresses and where the VPs are
that did not stop. With LETHE_ACCEPT the document gets it."""

import os
import re
import tempfile

import gdb

from lethe.gdb_tests.checks import run
from lethe.project import ROOT

DOCUMENT = ROOT / "docs/debugging.md"
COMMANDS = (
    "break *flush_call_do",
    "continue",
    "info threads",
    "stepi",
    "x/2i $rip",
    "watch -l *(unsigned long *)($rsp - 8)",
    "continue",
    "monitor walk guest:0 flush_call_do",
)
PLACE = re.compile(r"(?<=A session with the test guest:\n\n)"
                   r"(    .*\n|\n(?=  ))+")
OTHER = re.compile(r"(  \d+ +Thread .*\) +)\w+ in \w+ \(\)")


def lines_of(text):
    return [line.rstrip() for line in text.splitlines() if line.strip()]


def typed(command):
    """What GDB writes, also where it stops, which to_string leaves out."""
    gdb.flush()
    kept = os.dup(1), os.dup(2)  # what the target says goes to the second
    with tempfile.TemporaryFile("w+") as said:
        os.dup2(said.fileno(), 1)
        os.dup2(said.fileno(), 2)
        try:
            gdb.execute(command)
            gdb.flush()
        finally:
            for number, copy in enumerate(kept, 1):
                os.dup2(copy, number)
                os.close(copy)
        said.seek(0)
        return said.read()


def transcript():
    lines = []
    for command in COMMANDS:
        lines.append(f"(gdb) {command}")
        lines += lines_of(typed(command))
    return lines


def normal(lines):
    """Numbers in the order in which they come, so that equal ones stay so."""
    seen = {}

    def name(match):
        return f"N{seen.setdefault(match.group().lstrip('0x'), len(seen))}"

    text = "\n".join(OTHER.sub(r"\1elsewhere", line) for line in lines)
    text = re.sub(r"0x[0-9a-f]+|\b\d{4,}\b", name, text)
    return [re.sub(r"\s+", " ", line) for line in text.splitlines()]


def the_documents_session():
    found = transcript()
    document = DOCUMENT.read_text()
    place = PLACE.search(document)
    if place is None:
        raise AssertionError("docs/debugging.md has no place for the session")
    expected = [line[4:] for line in lines_of(place.group())]
    run("delete")
    if normal(found) == normal(expected):
        return
    if os.environ.get("LETHE_ACCEPT"):
        text = "".join(f"    {line}\n" for line in found)
        DOCUMENT.write_text(document[:place.start()] + text +
                            document[place.end():])
        return
    for want, got in zip(normal(expected) + ["the end"],
                         normal(found) + ["the end"]):
        if want != got:
            raise AssertionError(f"expected: {want}\nfound:    {got}\n"
                                 "see gdb_tests --accept session")
