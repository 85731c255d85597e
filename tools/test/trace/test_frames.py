# SPDX-License-Identifier: MIT
"""Tests the frames of a dump, and that records come back."""

import base64
import random
import re
import zlib

from dumps import KICK, RAW, START, draw_records, exit_of, with_noise


def test_frames_as_zlib_and_base64_read_them(tool):
    dump = tool.encode(draw_records(random.Random(1), 500))
    lines = dump.decode().splitlines()
    for number, line in enumerate(lines):
        found = re.fullmatch(r"~LT1([BRE])([A-Za-z0-9+/]+)~", line)
        assert found and len(line) < 480, line
        raw = base64.b64decode(found[2] + "=" * (-len(found[2]) % 4))
        assert int.from_bytes(raw[:2], "little") == len(raw)
        assert int.from_bytes(raw[8:12], "little") == 0xabcd
        assert int.from_bytes(raw[12:16], "little") == number
        assert zlib.crc32(found[1].encode() + raw[:-4]) == \
            int.from_bytes(raw[-4:], "little")
    assert [line[4] for line in lines] == \
        ["B", *"R" * (len(lines) - 2), "E"]


def test_random_records_come_back(tool):
    draw = random.Random(2)
    for count in (1, 40, 1500):
        records = draw_records(draw, count, RAW)
        log = with_noise(draw, tool.encode(records))
        lines = tool.good("--ticks", "text", log=log).splitlines()[1:]
        for line, record in zip(lines, records, strict=True):
            cpu, tsc, _, flags, _, a0, a1, a2 = record
            words = line.split()
            assert words[0] == str(tsc - START) and words[3] == str(cpu)
            assert words[-4:] == [f"flags={flags:#x}", f"a0={a0:#x}",
                                  f"a1={a1:#x}", f"a2={a2:#x}"]


def test_dump_is_small(tool):
    """A call with its kick, 2000 times: at most 12 characters a record."""
    records = []
    for number in range(1000):
        tsc = START + 3000 * number + number % 7
        records += [exit_of(tsc, 0, 0, 18, 0x1_0000_0003, 0, 340 + number % 5),
                    (0, tsc + 60, KICK, 0, 0, 1,
                     (2 * number + 1) << 17 | 1, 2)]
    assert len(tool.encode(records)) < 12 * len(records)
