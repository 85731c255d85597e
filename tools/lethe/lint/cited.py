# SPDX-License-Identifier: MIT
"""Checks that each citation of a decision names one that exists.

A source, a test's table or a document cites a title of section 8 of
docs/abi.md as `abi.md: mask of nobody`, docs/abi.md itself as `(decision: mask
of nobody, set format)`. A number such as `decision 0013` has to be a link to a
file of docs/decisions; files that are not Markdown give the path of that file.
"""

import re

from lethe.project import ROOT
from lethe.sources import walk

ABI = "docs/abi.md"
HEADING = "## 8. Decisions"
READ = {".c", ".h", ".S", ".inc", ".toml", ".md", ".py"}
SKIPPED = ("docs/results/", "tools/lethe/lint/cited.py")
TITLE = re.compile(r"^\| ([^|]+?) \|[^|]*\|[^|]*\| 9\.\d+ \|$", re.MULTILINE)
SOURCE = re.compile(r"(?<!docs/)\babi\.md: ")
ITSELF = re.compile(r"\(decision: ([^)]*)\)")
COLUMN = re.compile(r'^decision = "(.*)"$', re.MULTILINE)
COMMENT = re.compile(r"\n[ \t]*\*?[ \t]*")  # the next line of a comment
NUMBER = re.compile(r"\b[Dd]ecisions?:?\s(?:file )?(9\.\d+|0\d{3})\b")
LINK = re.compile(r"\[decision (\d{4})\]\(((?:\.\./|docs/)?decisions/|)"
                  r"(\d{4}-[\w-]+\.md)\)")
FILE = re.compile(r"\bdocs/decisions/(\w[\w.-]*)")


def titles(text):
    """The titles of section 8 of docs/abi.md"""
    part = text.partition(f"\n{HEADING}\n")[2].partition("\n## ")[0]
    return TITLE.findall(part)


def begins(text, names):
    """Does the text begin with one of the names?"""
    return any(text.startswith(name) and not text[len(name):len(name) + 1]
               .isalnum() for name in names)


def wrong_in(path, text, names, files):
    """Complaints; `files`: the names of the files of docs/decisions"""
    for found in SOURCE.finditer(text):
        rest = COMMENT.sub(" ", text[found.end():found.end() + 120])
        if not begins(rest, names):
            yield ("expected a title of docs/abi.md, section 8, found "
                   f"{' '.join(rest.split()[:4])!r}")
    rows = []
    if path.endswith(("docs/abi.md", "include/abi.toml")):
        rows = ITSELF.findall(text)
    if path == "tests/refusals.toml":
        rows = COLUMN.findall(text)
    for row in rows:
        for name in " ".join(row.split()).split(", "):
            if name not in names:
                yield ("expected a title of docs/abi.md, section 8, found "
                       f"{name!r}")
    for found in LINK.finditer(text):
        if found[3] not in files or not found[3].startswith(found[1]):
            yield (f"{found[0]}: expected a file of docs/decisions with that "
                   "number, found none")
    for found in NUMBER.finditer(LINK.sub("", text)):
        yield f"{found[0]}: expected its title, or a link to its file"
    for found in FILE.finditer(text):
        if found[1].rstrip(".") not in files and found[1] != "README.md":
            yield f"{found[0]}: expected a file of docs/decisions, found none"


def selftest():
    """A complaint unless wrong_in() finds each kind of wrong citation."""
    names = titles(f"\n{HEADING}\n\n| set format | x | y | 9.7 |\n"
                   "| set of nobody | x | y | 9.6 |\n")
    text = ("/* abi.md: set of\n * nobody. abi.md: set formats. decision 9.6,\n"
            " * abi.md: set format; docs/decisions/0001-a.md, "
            "docs/decisions/0002\n * [decision 0001](decisions/0001-a.md), "
            "[decision 0001](decisions/0002-b.md) */")
    found = list(wrong_in("hv/x.c", text, names, {"0001-a.md", "0002-b.md"}))
    return [] if len(found) == 4 else \
        ["cited.py: its test of itself failed: wrong_in() does not find all "
         "that it should"]


def check():
    """Complaints, for lint/run.py"""
    names = titles((ROOT / ABI).read_text())
    files = {path.name for path in (ROOT / "docs/decisions").iterdir()}
    found = selftest()
    for path in map(str, walk()):
        if path.startswith(SKIPPED) or \
                not path.endswith(tuple(READ)) or path == "docs/changelog.md":
            continue
        text = (ROOT / path).read_text()
        found += [f"{path}: {why}"
                  for why in wrong_in(path, text, names, files)]
    return found
