# SPDX-License-Identifier: MIT
"""Tests the tools of the Linux runs without such a run: what the guest's
`result` sends is decoded, damaged data are an error, cpio reads the archive."""

import pathlib
import stat
import subprocess

import pytest

from lethe.linux import cpio, disk as linux_disk, frames, run as linux_run
from lethe.nested import disk as nested_disk
from lethe.project import TOOLS

TEXT = b"first line\n\x00\xff result x 1 00000000\n"
FILES = {"a/b/run": (b"#!/bin/sh\n", True), "c": (b"12345", False)}


# ---- frames

def sent(folder, name, data):
    """The frame that the guest's own script makes of a file."""
    script = (TOOLS / "lethe/linux/result.sh").read_text()
    script = script.replace("/dev/ttyS1", f"{folder}/port")
    script = script.replace("/tmp/.result", f"{folder}/body")
    for command in ("gzip", "wc", "crc32", "cat"):
        script = script.replace(command, f"busybox {command}")
    subprocess.run(["busybox", "sh", "-c", script, "result", name],
                   input=data, check=True)
    return (pathlib.Path(folder) / "port").read_bytes()


@pytest.fixture
def one(tmp_path):
    return sent(tmp_path, "one", TEXT)


@pytest.fixture
def two(tmp_path):
    return sent(tmp_path, "two", b"")


def begin(frame):
    """The offset of the data in a frame."""
    return frame.index(b"\n") + 1


def refused(data, why=""):
    with pytest.raises(frames.Bad, match=why):
        frames.decode(data)


def test_two_files(one, two):
    assert frames.decode(one + two) == ({"one": TEXT, "two": b""}, b"")


def test_a_frame_that_has_not_ended(one, two):
    assert frames.decode(one + two[:-1]) == ({"one": TEXT}, two[:-1])


def test_a_head_that_has_not_ended(one):
    assert frames.decode(one + b"result t") == ({"one": TEXT}, b"result t")


def test_a_flipped_bit(one):
    flipped = bytearray(one)
    flipped[begin(one) + 12] ^= 1
    refused(bytes(flipped), "CRC")


def test_a_wrong_length(one, two):
    longer = one.replace(b" ", b" 1", 2).replace(b" 1", b" ", 1)
    refused(longer + two + two * 99)


def test_a_lost_byte(one, two):
    refused(one[:begin(one)] + one[begin(one) + 1:] + two)


def test_text_between(one, two):
    refused(one + b"panic\n" + two, "no frame")


def test_a_name_twice(one):
    refused(one + one, "twice")


def test_a_name_that_is_a_path():
    refused(b"result ../x 1 00000000\n\n")


# ---- the archive

@pytest.fixture
def archive():
    return cpio.archive(FILES, {"a/link": "b/run"}, ("proc",))


@pytest.fixture
def unpacked(archive, tmp_path):
    subprocess.run(["busybox", "cpio", "-id", "a*", "c", "proc"],
                   input=archive, check=True, capture_output=True,
                   cwd=tmp_path)
    return tmp_path


def test_same_input_same_bytes(archive):
    assert archive == cpio.archive(dict(reversed(FILES.items())),
                                   {"a/link": "b/run"}, ("proc",))


def test_what_cpio_lists(archive):
    listing = subprocess.run(["busybox", "cpio", "-t"], input=archive,
                             check=True, capture_output=True).stdout
    assert listing.decode().split() == ["a", "a/b", "dev", "proc",
                                        "dev/console", "a/b/run", "c",
                                        "a/link"]


def test_contents(unpacked):
    assert (unpacked / "a/b/run").read_bytes() == b"#!/bin/sh\n"
    assert (unpacked / "c").read_bytes() == b"12345"


def test_modes(unpacked):
    assert (unpacked / "a/b/run").stat().st_mode & 0o777 == 0o755
    assert (unpacked / "c").stat().st_mode & 0o777 == 0o644
    assert stat.S_ISDIR((unpacked / "proc").stat().st_mode)


def test_a_link(unpacked):
    assert (unpacked / "a/link").readlink() == pathlib.Path("b/run")


# ---- stored results

def stored(folder, status):
    (folder / "files").mkdir(parents=True)
    results = linux_run.Results(status, {"x": b"1"}, ["kernel k"], folder)
    linux_run.store(results, "stamp")
    return folder


def test_unchanged_inputs(tmp_path):
    again = linux_run.load(stored(tmp_path / "r", 0), "stamp")
    assert (again.files, again.reused) == ({"x": b"1"}, True)


def test_changed_inputs(tmp_path):
    assert linux_run.load(stored(tmp_path / "r", 0), "other") is None


def test_a_lost_result(tmp_path):
    folder = stored(tmp_path / "r", 0)
    (folder / "files/x").unlink()
    assert linux_run.load(folder, "stamp") is None


def test_a_bad_run(tmp_path):
    assert linux_run.load(stored(tmp_path / "r", 1), "stamp") is None


# ---- disk images

PAGE = nested_disk.PAGE
ONE = b"".join(bytes([i % 3]) * PAGE for i in range(9))
TWO = ONE[:4 * PAGE] + b"x" * PAGE + ONE[5 * PAGE:8 * PAGE] + bytes(PAGE)


def test_the_first_image():
    assert nested_disk.unpack(len(ONE), [nested_disk.pack(ONE)]) == ONE


def test_one_that_differs():
    packs = [nested_disk.pack(ONE), nested_disk.pack(TWO, ONE)]
    assert nested_disk.unpack(len(ONE), packs) == TWO


def test_no_more_than_differs():
    assert len(nested_disk.pack(TWO, ONE)[0]) == 2 * PAGE


# ---- libraries of a program

def test_libraries():
    assert any("libc.so.6" in path for path in
               linux_disk.libraries("/usr/bin/qemu-system-x86_64"))


def test_a_static_program():
    assert linux_disk.libraries(linux_disk.BUSYBOX) == []


# ---- what is typed into QEMU

BOOT = f"""
stage() {{ :; }}
result() {{ echo "== $1"; cat; }}
. {TOOLS}/lethe/nested/boot.sh
lines typed '^ready'
boot one '' 20 ./qemu
"""
ANSWERS = """#!/bin/bash
echo ready
while read -r -d $'\\r' line; do
    sleep 1
    printf '%s\\n' "$line"
    if [ "$line" = end ]; then exit 0; fi
    sleep 1
    if read -t 0; then echo early; fi
    printf 'lethe> '
done
"""


def test_lines_wait_for_a_prompt(tmp_path):
    (tmp_path / "qemu").write_text(ANSWERS)
    (tmp_path / "qemu").chmod(0o755)
    (tmp_path / "typed").write_text("\nps\nend\n")
    done = subprocess.run(["busybox", "sh", "-c", BOOT], cwd=tmp_path,
                          text=True, capture_output=True, check=True,
                          timeout=60)
    assert "ready\n\nlethe> ps\nlethe> end\n== one.end\noff " in done.stdout
