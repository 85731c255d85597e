# SPDX-License-Identifier: MIT
"""Compares docs/messages.md with the sources: every message of the console has
a row, and every message of a row is in the sources. docs/abi.md has each reason
by which a partition stops.

A row's first cell has one or more messages between back-quotes, each the
format string as it is in the source, with \\| for |. --list prints the
messages of the sources, --missing those without a row.
"""

import re

from lethe import cli
from lethe.project import ROOT

DOC = ROOT / "docs/messages.md"
ABI = ROOT / "docs/abi.md"
TOKEN = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])\'|'
                   r"\w+|\S", re.DOTALL)
DEFINE = re.compile(r'^#define (\w+)\s+"([^"]*)"', re.MULTILINE)
# Marks in lines of guests, and what stands before them
MARKS = {"LOG_GUEST_MARK": "%s", "LOG_SENDER_CONTINUE": "%s",
         "LOG_SENDER_CUT": ""}
CELL = re.compile(r"`([^`]+)`")

# Functions that print, and which of their arguments is the format
PRINTS = {"console_line": 0, "rom_console_line": 0, "rom_console_refuse": 0,
          "log_line": 1, "log_last_line": 1, "port_panic": 0,
          "image_why": 1, "image_why_number": 1, "image_why_range": 1,
          "image_place_page": 3,
          "panic_line": 0, "put_raw": 0, "format": 2, "line": 2}
# Functions of a file that compose a text, and how: {N} is the argument N of the
# call
REFUSALS = {
    "hv/common/image/elf.c": {
        "refuse": "{1}: expected {2}",
        "refuse_segment": "program header %u: expected {2}"},
    "hv/common/config/parse.c": {"refuse_number": "{2}"},
}
CAPS = "hv/common/platform/caps.c"
CAPS_ROW = {"SET", "CLEAR", "ANY", "VALUE", "NOT", "CAN_SET", "CAN_CLEAR"}
# Texts that are assigned: why an image is refused, what a value has to be
ASSIGNED = re.compile(r'\b(?:why|expected|found) = ((?:"[^"]*"\s*)+)')
# A part of a composed message has a row of its own from four words on
PARTS = re.compile(r"(?:\w+[ ,]+){3}\w")
# Also stops() of the port table
STOPS = re.compile(r'\b(?:partition_stop|stops)\([^;"]*"([^"]+)"\)')


def tokens(text):
    """C's tokens without comments and directives; those of #define stay."""
    text = re.sub(r"^\s*#\s*(?!define)\w.*", "", text.replace("\\\n", " "),
                  flags=re.MULTILINE)
    return [token for token in TOKEN.findall(text)
            if not token.startswith(("/*", "//"))]


def arguments(words, at):
    """The arguments of the call whose ( is words[at]: lists of tokens."""
    depth, found = 0, [[]]
    for word in words[at:]:
        if word in "([{":
            depth += 1
            if depth == 1:
                continue
        if word in ")]}":
            depth -= 1
            if depth == 0:
                return found
        if word == "," and depth == 1:
            found.append([])
        else:
            found[-1].append(word)
    return []


def literal(words, defines):
    """The string that the tokens are, or None."""
    parts = [defines.get(word, word) for word in words]
    if not parts or not all(part.startswith('"') for part in parts):
        return None
    text = "".join(part[1:-1] for part in parts)
    return text.replace("\\n", "").replace('\\"', '"').replace("\\\\", "\\")


def calls(text):
    """(name, [argument as string or None]) of each call in the file."""
    defines = {name: f'"{value}"' for name, value in DEFINE.findall(text)}
    words = tokens(text)
    for at, word in enumerate(words[:-1]):
        if words[at + 1] == "(":
            yield word, [literal(argument, defines)
                         for argument in arguments(words, at + 1)]


def composed(form, strings):
    """`form` with the arguments it names; None if one of them is no string."""
    parts = [int(number) for number in re.findall(r"\{(\d)\}", form)]
    if any(n >= len(strings) or strings[n] is None for n in parts):
        return None
    return form.format(*strings)


def of_calls(path, text):
    forms = REFUSALS.get(path, {})
    for name, strings in calls(text):
        at = PRINTS.get(name)
        if at is not None and len(strings) > at and strings[at]:
            yield strings[at]
        if name in forms:
            yield composed(forms[name], strings)
        if name == "text_put" and strings[-1] and PARTS.search(strings[-1]):
            yield strings[-1].strip()
        if path == CAPS and name in CAPS_ROW:
            yield strings[-1]


def stops(text):
    """The reasons by which a partition stops"""
    yield from STOPS.findall(text)
    if "partition_stop(vp->partition, 127, what)" in text:
        yield from re.findall(r'[?:] "([a-z-]+)"', text)


def of_tables(path, text):
    """Texts that stand in initialisers."""
    if path == "hv/common/image/elf.c":
        for name, what in re.findall(r'\{"(\w+)", \{[^"]*"([^"]+)"\}', text):
            yield f"{name}: expected {what}"
    for texts in re.findall(r'\.words = ((?:"[^"]*"\s*)+)', text):
        yield literal(re.findall(r'"[^"]*"', texts), {})
    if path.startswith("hv/common/config/"):
        for row in re.findall(r"struct config_value \w+ = (\{[^;]*\});", text):
            words = arguments(tokens(row), 0)
            yield literal(words[2], {}) if len(words) > 2 else None
    if path == "hv/common/config/refusal.c":
        yield from re.findall(r'"(unknown key )"', text)
    for name, value in DEFINE.findall(text):
        if name in MARKS:
            yield MARKS[name] + value.replace("\\n", "")
    if path == "boot/firmware.c":
        yield from re.findall(r'(?:\{EFI_\w+, |return )"([^"]+)"', text)
    for loader in re.findall(r'LETHE_VERSION " commit " LETHE_COMMIT\s+'
                             r'": loader (\w+)', text):
        yield f"lethe VERSION commit COMMIT: loader {loader}"
    if path == "hv/core/console/first_use.c":
        yield from re.findall(r'\[FIRST_USE_\w+\] = "([^"]+)"', text)
    for texts in ASSIGNED.findall(text):
        yield literal(re.findall(r'"[^"]*"', texts), {})
    yield from stops(text)


def sources():
    for folder in ("boot", "hv"):
        for path in sorted((ROOT / folder).rglob("*.[ch]")):
            name = str(path.relative_to(ROOT))
            if not name.startswith("hv/test/"):
                yield name, path.read_text()


def messages():
    """{message: the first file that has it}"""
    found = {}
    for path, text in sources():
        for message in (*of_calls(path, text), *of_tables(path, text)):
            if message and re.search(r"[A-Za-z]{2}|^%s\||^~$", message):
                found.setdefault(message.strip(), path)
    return found


def rows():
    """The messages of the first cells of the tables headed `message`."""
    found = []
    inside = False
    for line in DOC.read_text().splitlines():
        inside = line.startswith("|") and (inside or
                                           line.startswith("| message |"))
        if inside:
            cell = re.split(r"(?<!\\)\|", line)[1]
            found += [text.replace("\\|", "|").strip()
                      for text in CELL.findall(cell)]
    return found


def missing():
    known = set(rows())
    return [(path, message) for message, path in messages().items()
            if message not in known]


def check():
    """What is wrong, for lint/run.py."""
    real = messages()
    abi = ABI.read_text()
    return ([f"docs/abi.md: expected the reason `{reason}` of {path}, found "
             "none"
             for path, text in sources() for reason in stops(text)
             if f"`{reason}`" not in abi] +
            [f"{path}: expected a row of docs/messages.md for `{message}`, "
             "found none: add one"
             for path, message in missing()] +
            [f"docs/messages.md: expected texts of the sources, found `{row}`"
             for row in rows() if row not in real])


def main():
    parser = cli.Parser("messages", __doc__)
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--missing", action="store_true")
    args = parser.parse_args()
    if args.list:
        for message, path in messages().items():
            print(f"{path}\t{message}")
        return 0
    if args.missing:
        for path, message in missing():
            print(f"{path}\t{message}")
        return 0
    found = check()
    print("".join(f"{line}\n" for line in found), end="")
    return 1 if found else 0


if __name__ == "__main__":
    cli.main("messages", main)
