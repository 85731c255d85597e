# SPDX-License-Identifier: MIT
"""Tests damaged, incomplete and hostile logs."""

import base64
import random
import zlib

from dumps import (COMPLETE, FAILED, FORMATS, INCOMPLETE, NOISE, SCENE, TEXT,
                   draw_records, exit_of)


def test_missing_and_damaged_frames_are_counted(tool):
    lines = tool.encode(draw_records(random.Random(3), 800)) \
        .splitlines(keepends=True)
    last = len(lines) - 1
    lost = tool.encode(SCENE, lost=3)
    cases = (
        (lines[:2] + lines[3:], "0 damaged frames, 1 missing"),
        (lines[1:], "1 missing frames, 0 lost records, no begin"),
        (lines[:last], "0 missing frames, 0 lost records, no end"),
        ([*lines[:3], lines[3][:50], b"[0] x: y\n", lines[3][50:],
          *lines[4:]], "1 damaged frames, 1 missing"),
        ([*lines[:3], lines[3][:50], *lines[4:]],
         "1 damaged frames, 1 missing"),
        ([lost], "0 missing frames, 3 lost records"),
    )
    for parts, why in cases:
        status, out, err = tool.run("text", log=b"".join(parts))
        assert status == INCOMPLETE and why in err, err
        assert out


def test_repeated_frames_count_once(tool):
    lines = tool.encode(SCENE).splitlines(keepends=True)
    log = b"".join((*lines[:3], *lines[1:3], *lines[3:]))
    assert tool.good("text", log=log) == TEXT
    assert "repeated 2\n" in tool.good("summary", log=log)


def test_several_dumps(tool, scene):
    other = tool.encode([exit_of(0x1100, 0, 0, 12)], stream=0x77)
    again = tool.encode([exit_of(0x1200, 0, 0, 13)])  # the first one's stream
    log = scene + b"[0] text\n" + other + again
    assert tool.good("--dump", "1", "text", log=log) == TEXT
    assert "reason=HLT" in tool.good("--dump", "2", "text", log=log)
    assert "reason=INVD" in tool.good("text", log=log)
    assert "dump 3 of 3\n" in tool.good("summary", log=log)


def spoilt(draw, dump):
    """A log with a few changes: bytes, pieces that are lost, doubled, moved."""
    log = bytearray(dump)
    for _ in range(draw.randrange(1, 6)):
        at = draw.randrange(len(log))
        to = min(len(log), at + draw.randrange(1, 300))
        kind = draw.randrange(4)
        if kind == 0:
            log[at] = draw.randrange(256)
        elif kind == 1:
            del log[at:to]
        elif kind == 2:
            log[at:at] = log[at:to]
        else:
            log[at:at] = draw.choice(NOISE)
    return bytes(log) or b"x"


def test_damaged_logs_are_survived(tool, tmp_path):
    draw = random.Random(4)
    for number in range(60):
        log = spoilt(draw, tool.encode(draw_records(draw, 120)))
        for form in FORMATS:
            status, out, err = tool.run(form, log=log)
            assert status in (COMPLETE, INCOMPLETE, FAILED), err
            assert "Sanitizer" not in err and "runtime error" not in err, err
            assert bool(out) == (status != FAILED), err
        folder = tmp_path / str(number)
        status, _, err = tool.run("ctf", "--output", str(folder), log=log)
        assert status in (COMPLETE, INCOMPLETE, FAILED), err


def hostile(kind, payload, records=0, cpu=0, seq=0):
    """A frame that is valid, with any content."""
    raw = b"".join((
        (20 + len(payload)).to_bytes(2, "little"), cpu.to_bytes(2, "little"),
        records.to_bytes(2, "little"), b"\0\0" b"\1\0\0\0",
        seq.to_bytes(4, "little"), payload))
    raw += zlib.crc32(kind + raw).to_bytes(4, "little")
    return b"~LT1" + kind + base64.b64encode(raw).rstrip(b"=") + b"~\n"


def test_hostile_frames_are_survived(tool, check):
    names = b"\x01\x04\x00\x01\x00\x05"  # number, VPs, stride, length
    begin = bytes(8 * 3) + b"\1\0\1\0"  # three TSCs, CPUs, partitions, commit
    cases = {
        "hz of 0": (hostile(b"B", begin + names + b"guest"), 1),
        "256 partitions": (hostile(b"B", b"\1" + bytes(24) + b"\1\0\xff\0"),
                           1),
        "name longer than the frame": (
            hostile(b"B", b"\1" + begin[1:] + names[:-1] + b"\xff"), 1),
        "more records than there are": (hostile(b"R", b"\0\1", 3), 1),
        "fewer records than there are": (hostile(b"R", b"\0\1\0\1", 1), 1),
        "CPU 65535": (hostile(b"R", b"\0\1", 1, 65535), 1),
        "short end": (hostile(b"E", b"\0" * 19), 1),
    }
    for name, (log, damaged) in cases.items():
        status, out, err = tool.run("summary", log=log)
        check(name, status == INCOMPLETE and f"damaged {damaged}\n" in out,
              (out, err))
    log = hostile(b"B", b"\1" + begin[1:] + names + b'"<&\n\x1b') + \
        hostile(b"R", b"\x04\1\0\x10", 1, seq=1)
    for form in FORMATS[:-2]:
        out = tool.run(form, log=log)[1]
        assert "?????" in out and "\x1b" not in out and "<&" not in out
