# SPDX-License-Identifier: MIT
"""Reads tests/console*.toml: a session is one boot, and what is typed in it."""

import dataclasses
import re
import tomllib

from lethe.project import ROOT

TABLES = ("console.toml", "console_control.toml", "console_line.toml")
FACT = re.compile(r"@(\w+)(?:([+-])(0x[0-9a-f]+|\d+))?(?::(#?\w+))?@")


@dataclasses.dataclass
class Step:
    """`send`: a command, whose answer is what comes before the next prompt; or
    `keys`: what is typed as it is, after which `until` has to come. `expect`:
    regular expressions that the answer matches, each after the one before;
    `forbid`: those that it does not match. `again`: seconds for which the
    command is repeated until the answer is as expected. In all of these @NAME@
    stands for the text of a fact, @NAME+8:016x@ for a number in a format."""

    name: str
    send: str = ""
    keys: str = ""
    until: str = ""
    expect: list = dataclasses.field(default_factory=list)
    forbid: list = dataclasses.field(default_factory=list)
    facts: str = ""
    again: float = 0


@dataclasses.dataclass
class Session:
    """`ready`: what the console shows before the first step; its named groups
    are facts, like those of a step's `facts`. `paste`: lines sent at once
    after the steps, when nothing has been typed for `rest` seconds of the
    machine. `random`: lines of random words typed at the end. `ends`: the
    machine is off then; others are asked for the bars."""

    name: str
    config: str
    steps: list
    cpus: int = 2
    ready: str = "launch"
    paste: int = 0
    rest: float = 0
    random: int = 0
    ends: bool = False
    words: list = dataclasses.field(default_factory=list)


def fill(text, facts):
    """`text` with the facts in it."""
    def value(found):
        name, sign, number, form = found.groups()
        if not number and not form:
            return re.escape(facts[name])
        return format(int(facts[name]) + int((sign or "+") + (number or "0"),
                                             0), form or "d")
    return FACT.sub(value, text)


def load():
    tables = [tomllib.loads((ROOT / "tests" / name).read_text())
              for name in TABLES]
    configs = {name: text for table in tables
               for name, text in table.get("config", {}).items()}
    sessions = []
    for row in (row for table in tables for row in table["session"]):
        steps = [Step(**step) for step in row.pop("step")]
        row["config"] = configs[row["config"]]
        sessions.append(Session(steps=steps, **row))
    return sessions
