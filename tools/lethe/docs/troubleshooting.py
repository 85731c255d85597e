# SPDX-License-Identifier: MIT
"""docs/troubleshooting.md: each message that asks for something, its cause and
the remedy.

The first table, of messages on a console, is made from docs/messages.md: the
rows whose last cell is not `–`. The second, of what the tools say, is written
by hand; each error of the tools that a user starts has a row there, with `…`
for a value. Without an option the tool writes the first table; --missing prints
the errors of the tools without a row.
"""

import ast
import re

from lethe import cli
from lethe.docs import messages
from lethe.project import ROOT, TOOLS

DOC = ROOT / "docs/troubleshooting.md"
BEGIN = "<!-- from docs/messages.md: lethe.docs.troubleshooting -->\n"
END = "<!-- end -->\n"
HEAD = "| message | cause | remedy |\n|---|---|---|\n"
NOTHING = {"–", "nothing", ""}
CELLS = re.compile(r"(?<!\\)\|")
# What `make run` and the tools for debugging start
FOLDERS = ("", "machine", "debug", "boot_tests")
ERRORS = {"Wrong", "Unavailable"}
VALUE = "…"


def of_messages():
    """[(messages, cause, remedy)] of the rows that ask for something, sorted by
    the text of the message."""
    found, head = [], []
    for line in messages.DOC.read_text().splitlines():
        cells = [cell.strip() for cell in CELLS.split(line)[1:-1]]
        if not line.startswith("|"):
            head = []
        elif not head:
            head = cells
        elif head[0] == "message" and set(cells[0]) != {"-"} \
                and cells[-1] not in NOTHING:
            row = dict(zip(head, cells))
            found.append((row["message"], row["meaning"], row["what to do"]))
    return sorted(set(found), key=lambda row: row[0].strip("`").lower())


def table():
    rows = "".join(f"| {' | '.join(row)} |\n" for row in of_messages())
    # sections are those of the other document
    return HEAD + re.sub(r"(?<!\.md, )\bsection (\d+)",
                         r"messages.md, section \1", rows)


def text_of(node):
    """The text of an expression, with VALUE for what is known at run time."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(text_of(part) for part in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return text_of(node.left) + text_of(node.right)
    return VALUE


def of_tools():
    """{error: the file that has it}"""
    found = {}
    for folder in FOLDERS:
        for path in sorted((TOOLS / "lethe" / folder).glob("*.py")):
            for node in ast.walk(ast.parse(path.read_text())):
                name = getattr(getattr(node, "func", None), "attr", None) or \
                    getattr(getattr(node, "func", None), "id", None)
                if name in ERRORS and node.args:
                    text = re.sub(f"{VALUE}+", VALUE, text_of(node.args[0]))
                    text = text.replace("`", "'").strip()
                    if text != VALUE:
                        found.setdefault(text, path.relative_to(ROOT))
    return found


def written():
    """The errors that the second table has."""
    tail = DOC.read_text().partition(END)[2]
    cells = [CELLS.split(line)[1] for line in tail.splitlines()
             if line.startswith("|")]
    return {text.replace("\\|", "|") for cell in cells
            for text in messages.CELL.findall(cell)}


def missing():
    known = written()
    return [(path, text) for text, path in of_tools().items()
            if text not in known]


def with_table():
    before, _, rest = DOC.read_text().partition(BEGIN)
    return before + BEGIN + table() + END + rest.partition(END)[2]


def check():
    """What is wrong, for lint/run.py."""
    real = of_tools()
    stale = [] if DOC.read_text() == with_table() else [
        "docs/troubleshooting.md: its first table differs from "
        f"docs/messages.md: `{cli.command('docs.troubleshooting')}` writes it"]
    return (stale +
            [f"{path}: expected a row of docs/troubleshooting.md for `{text}`, "
             "found none: add one" for path, text in missing()] +
            [f"docs/troubleshooting.md: expected errors of the tools, found "
             f"`{text}`" for text in sorted(written()) if text not in real])


def main():
    parser = cli.Parser("troubleshooting", __doc__)
    parser.add_argument("--missing", action="store_true")
    args = parser.parse_args()
    if args.missing:
        for path, text in missing():
            print(f"{path}\t{text}")
    else:
        DOC.write_text(with_table())
    return 0


if __name__ == "__main__":
    cli.main("troubleshooting", main)
