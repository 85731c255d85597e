# SPDX-License-Identifier: MIT
"""Writes the tables that C and the documents share, from one source each.

include/abi.toml is what a guest sees, include/config.toml the keys of
lethe.conf, include/exits.toml the VM exits, include/trace.toml the events of
the trace, tests/refusals.toml the refusals in their order. Each table is
between two markers with its name, and is never edited by hand. --check compares
instead of writing. The tool also complains of constants and structs that are in
C but not in the sources.
"""

import re
import tomllib

from lethe import cli
from lethe.project import ROOT
from lethe.tables import abi as c_tables, config, document, exits, \
    refusals, trace, trace_names

SOURCES = ("include/abi.toml", "include/config.toml", "include/exits.toml",
           "include/trace.toml")
REFUSALS = "tests/refusals.toml"
COMMENTS = {".md": ("<!--", "-->")}  # other files: those of C
MARKER = re.compile(r"(?:/\*|<!--) (?:generated|end): .*")
FOLDERS = ("boot", "guest-test", "hv", "include", "tools/kvm-run",
           "tools/lethe-trace")
# Only tables may define constants that begin with one of these
DEFINED = re.compile(
    r"^[ \t]*#[ \t]*define[ \t]+((?:HV_(?:CALL|EXT_CALL|X64_MSR|CPUID|PRIV|"
    r"FEATURE|HINT|REGISTER|X64_REGISTER|STATUS|FLUSH|CONTROL)|LETHE_CALL|"
    r"HV_TRANSLATE_(?!RESULT_)|EXIT_REASON_(?!COUNT|BASIC|ENTRY_FAILURE))\w*)",
    re.MULTILINE)
STRUCT = re.compile(r"^struct (\w+) \{", re.MULTILINE)


def load():
    """The sources: what a guest sees, the keys, the exits, the events."""
    return tuple(tomllib.loads((ROOT / name).read_text()) for name in SOURCES)


def blocks():
    """{(file, name): (source, text)} of all tables."""
    guest, keys, reasons, events = load()
    found = {("docs/abi.md", "refusals"):
             (REFUSALS, refusals.document(refusals.load()))}
    for source, made in ((SOURCES[0], c_tables.blocks(guest)),
                         (SOURCES[0], document.blocks(guest)),
                         (SOURCES[0], trace_names.guest_blocks(guest)),
                         (SOURCES[1], config.blocks(keys)),
                         (SOURCES[2], exits.blocks(reasons)),
                         (SOURCES[2], trace_names.exit_blocks(reasons)),
                         (SOURCES[3], trace.blocks(events))):
        for key, text in made.items():
            found[key] = (source, text)
    return found


def markers(path, name, source):
    """The lines before and after a table."""
    begin, end = COMMENTS.get(path[path.rindex("."):], ("/*", "*/"))
    return (f"{begin} generated: {name}, from {source} {end}\n",
            f"{begin} end: {name} {end}\n")


class File:
    """A file with tables: its text, the text it should have, complaints."""

    def __init__(self, path, tables):
        self.path = path
        self.text = (ROOT / path).read_text()
        self.wanted = self.text
        self.found = []
        known = set()
        for name, (source, text) in tables.items():
            begin, end = markers(path, name, source)
            known |= {begin.strip(), end.strip()}
            before, found, rest = self.wanted.partition(begin)
            inside, closed, after = rest.partition(end)
            if not found or not closed or begin in after:
                self.found.append(f"{path}: expected `{begin.strip()}` and "
                                  f"`{end.strip()}`, each once")
                continue
            self.wanted = before + begin + text + end + after
            if inside != text:
                self.found.append(f"{path}: table `{name}` differs from "
                                  f"{source}: `make tables` writes it")
        self.found += [f"{path}: expected the marker of a table, found "
                       f"`{stray}`"
                       for stray in MARKER.findall(self.text)
                       if stray.strip() not in known]


def files():
    """[File] of all files that have a table."""
    by_file = {}
    for (path, name), made in blocks().items():
        by_file.setdefault(path, {})[name] = made
    return [File(path, tables) for path, tables in by_file.items()]


def outside(every):
    """Constants and layouts in C that the sources do not have."""
    inside = {file.path: "".join(text for (path, _), (_, text)
                                 in blocks().items() if path == file.path)
              for file in every}
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.[ch]")):
            name = str(path.relative_to(ROOT))
            made = inside.get(name, "")
            text = path.read_text()
            yield from (f"{name}: {constant}: expected its definition in "
                        f"{' or '.join(SOURCES)}"
                        for constant in DEFINED.findall(text)
                        if not re.search(rf"#define {constant}\b", made))
            if MARKER.search(text) and name not in inside:
                yield (f"{name}: expected the marker of a table, found "
                       f"`{MARKER.search(text)[0]}`")
    layouts = {row["struct"] for row in load()[0]["layout"]["rows"]}
    for path in sorted((ROOT / "include/tlfs").glob("*.h")):
        yield from (f"include/tlfs/{path.name}: struct {name}: expected its "
                    f"size in [layout] of {SOURCES[0]}"
                    for name in STRUCT.findall(path.read_text())
                    if name not in layouts)


def check():
    """What is wrong, for lint/run.py."""
    try:
        every = files()
    except c_tables.Wrong as wrong:
        return [str(wrong)]
    except KeyError as absent:
        return [f"{' or '.join(SOURCES)}: expected the field {absent} in a "
                "row, found none"]
    return [why for file in every for why in file.found] + [*outside(every)]


def write():
    """Writes the tables; returns the files that changed. Writes none if the
    sources are wrong, which check() reports."""
    try:
        stale = [file for file in files() if file.wanted != file.text]
    except (c_tables.Wrong, KeyError):
        return []
    for file in stale:
        (ROOT / file.path).write_text(file.wanted)
    return [file.path for file in stale]


def main():
    parser = cli.Parser("tables", __doc__)
    parser.add_argument("--check", action="store_true")
    args = parser.parse_args()
    if not args.check:
        print("".join(f"wrote {path}\n" for path in write()), end="")
    found = check()
    print("".join(f"{line}\n" for line in found), end="")
    return 1 if found else 0
