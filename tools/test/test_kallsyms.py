# SPDX-License-Identifier: MIT
"""The kernel's own symbols, from a table that is made here."""

import struct

import pytest

from lethe import cli
from lethe.linux import kallsyms

BASE = 0xffffffff81000000
COUNT = kallsyms.COUNT_MIN


def aligned(data):
    return data + bytes(-len(data) % 8)


def image(names, offsets, before=b"before  "):
    """Token n is the character n, but for 1: `the_`; 0 is `T`."""
    tokens = [bytes([number]) for number in range(256)]
    tokens[0], tokens[1] = b"T", b"the_"
    table, starts = b"", []
    for token in tokens:
        starts.append(len(table))
        table += token + b"\0"
    packed = b""
    for name in names:
        size = len(name)
        packed += bytes([size] if size < 128 else
                        [size & 0x7f | 0x80, size >> 7]) + name
    return (before + aligned(struct.pack(f"<{len(offsets)}i", *offsets))
            + struct.pack("<QQ", BASE, len(names)) + aligned(packed)
            + bytes(32) + aligned(table) + struct.pack("<256H", *starts))


NAMES = [b"\0\x01end", b"\0" + b"long" * 50, b"Axy", *[b"\0f"] * (COUNT - 3)]
OFFSETS = [-1, -0x101, 0x19000, *[-0x1001] * (COUNT - 3)]


def test_names_and_addresses():
    found = kallsyms.symbols(image(NAMES, OFFSETS), BASE)
    assert len(found) == COUNT
    assert found[:4] == [(BASE, "T", "the_end"),
                         (BASE + 0x100, "T", "long" * 50),
                         (0x19000, "A", "xy"), (BASE + 0x1000, "T", "f")]
    assert kallsyms.text_of(found[:1]) == "ffffffff81000000 T the_end\n"


def test_the_base_stands_elsewhere_too():
    other = struct.pack("<QQ", BASE, 7) * 3
    assert kallsyms.symbols(image(NAMES, OFFSETS, other), BASE)[0][2] == \
        "the_end"


def test_another_order_is_refused():
    good = image(NAMES, OFFSETS)
    with pytest.raises(cli.Wrong, match="no table"):
        kallsyms.symbols(good, BASE + 0x1000)
    with pytest.raises(cli.Wrong, match="tokens"):
        kallsyms.symbols(good[:-2] + b"\xff\xff", BASE)
