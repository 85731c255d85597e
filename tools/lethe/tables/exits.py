# SPDX-License-Identifier: MIT
"""Makes the tables of include/exits.toml: VM exits in include/x86/vmcs.h,
hv/vmx/exit.c, hv/core/debug/cmd_exits.c and docs/vmx.md.
"""

from lethe.tables.abi import Wrong, columns, define, table as c_table
from lethe.tables.document import runs, table

NUMBERS = "include/x86/vmcs.h"
EXITS = "hv/vmx/exit.c"
NAMES = "hv/core/debug/cmd_exits.c"
DOCUMENT = "docs/vmx.md"


def constants(exits):
    return define([(f"EXIT_REASON_{row['name']}", str(row["number"]))
                   for row in exits["reason"]["rows"]])


def rows(exits):
    body = []
    for row in exits["reason"]["rows"]:
        if "function" in row:
            needs = " | ".join(f"NEEDS_{need}" for need in row.get("needs", ()))
            note = f" /* {row['note']} */" if "note" in row else ""
            body.append([f"EXIT({row['name']},", f"{row['function']},",
                         f"{needs or 0}),{note}"])
    return c_table("static const struct exit_desc table[EXIT_REASON_COUNT]",
                   columns(body))


def names(exits):
    body = [[f"[EXIT_REASON_{row['name']}]", f"= \"{row['name']}\","]
            for row in exits["reason"]["rows"]]
    return c_table("static const char *const names[EXIT_REASON_COUNT]",
                   columns(body))


def document(exits, name, head):
    return table(["#", "reason", head],
                 [[runs(row["reasons"], str), row["shown"], row["what"]]
                  for row in exits[name]["rows"]])


def agree(exits):
    """Raises Wrong unless each reason with a function, and no other, is in one
    row of [handled]."""
    told = [number for name in ("handled", "impossible")
            for row in exits[name]["rows"] for number in row["reasons"]]
    for number in told:
        if told.count(number) > 1:
            raise Wrong(f"include/exits.toml: expected reason {number} in one "
                        "row, found it in several")
    handled = {number for row in exits["handled"]["rows"]
               for number in row["reasons"]}
    for row in exits["reason"]["rows"]:
        if ("function" in row) != (row["number"] in handled):
            raise Wrong(f"include/exits.toml: {row['name']}: expected a row of "
                        "[handled] if and only if it has a function")


def blocks(exits):
    """{(file, name of the table): text}"""
    agree(exits)
    return {
        (NUMBERS, "exit reasons"): constants(exits),
        (EXITS, "exits"): rows(exits),
        (NAMES, "exit names"): names(exits),
        (DOCUMENT, "exits that are handled"):
            document(exits, "handled", "how Lethe handles it"),
        (DOCUMENT, "exits that are impossible"):
            document(exits, "impossible", "impossible because"),
    }
