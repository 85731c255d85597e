# SPDX-License-Identifier: MIT
"""Makes the tables of tools/lethe-trace/names.c: the names of exit reasons from
include/exits.toml, those of statuses and hypercalls from include/abi.toml.
"""

from lethe.tables.abi import table

FILE = "tools/lethe-trace/names.c"


def rows(name, numbers):
    """A table of {number: name}."""
    body = "".join(f'\t{{{number:#x}, "{text}"}},\n'
                   for number, text in sorted(numbers.items()))
    return table(f"static const struct name {name}[]", body)


def title_of(call):
    """The name of a call as TLFS writes it; Lethe's own have none there."""
    return call["title"] if call["name"].startswith("HV_") else call["name"]


def guest_blocks(abi):
    """{(file, name of the table): text} of what include/abi.toml names"""
    statuses = {number: name for name, number in abi["status"].items()}
    calls = {call["code"]: title_of(call) for call in abi["call"]}
    return {
        (FILE, "statuses"): rows("statuses", statuses),
        (FILE, "calls"): rows("calls", calls),
    }


def exit_blocks(exits):
    """The same of what include/exits.toml names"""
    reasons = {row["number"]: row["name"] for row in exits["reason"]["rows"]}
    return {(FILE, "reasons"): rows("reasons", reasons)}
