# SPDX-License-Identifier: MIT
"""Checks that what the text of docs/abi.md names exists: numbers of statuses,
host tests, guest checks.

tables/write.py writes the tables of that document.
"""

import re
import tomllib

from lethe.project import ROOT

ABI = ROOT / "docs/abi.md"
STATUS_USE = re.compile(r"\b((?:0x)?[0-9A-F]{1,2}) ([A-Z]+_[A-Z_]{4,})\b")
TICKED = re.compile(r"`([^`]+)`")
UNIT = re.compile(r"unit/[a-z0-9_]+/[a-z0-9_-]+$")
GUEST = re.compile(r"(?:(boot|apic|msr|calls|forms|flush|storm|counts|kick|"
                   r"inhibit|overcommit|neighbours)/)"
                   r"([a-z0-9_]+)$")


def read(name):
    return (ROOT / name).read_text()


def statuses(text):
    real = tomllib.loads(read("include/abi.toml"))["status"]
    for number, name in STATUS_USE.findall(text):
        value = int(number, 16)
        if name in real and real[name] != value:
            yield (f"docs/abi.md: status {name}: expected {real[name]:#04x}, "
                   f"found {number}")


def named_tests(text):
    units = "".join(path.read_text() for path
                    in (ROOT / "hv/test/unit").rglob("*_test.c"))
    guest = "".join(path.read_text() for path
                    in (ROOT / "guest-test/suites").rglob("*.c"))
    guest += read("tests/refusals.toml")
    for name in sorted(set(TICKED.findall(text))):
        last = name.rpartition("/")[2]
        if UNIT.match(name) and not re.search(rf"[\"_(]{last}\b", units):
            yield f"docs/abi.md: expected a host test, found `{name}`"
        found = GUEST.match(name)
        if found and not re.search(rf'\b{last}\b', guest):
            yield f"docs/abi.md: expected a guest check, found `{name}`"


def check():
    """Complaints; empty if all that the document names exists."""
    text = ABI.read_text()
    return [*statuses(text), *named_tests(text)]


if __name__ == "__main__":
    print("\n".join(check()) or "docs/abi.md: all that it names exists")
