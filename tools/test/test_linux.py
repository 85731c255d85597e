# SPDX-License-Identifier: MIT
"""Checks the tools of the Linux runs without a run: what the guest's `result`
sends is decoded, what is damaged is an error, the archive is what cpio reads.
Prints TAP."""

import pathlib
import stat
import subprocess
import tempfile

from lethe import cli
from lethe.linux import cpio, disk as linux_disk, frames, run as linux_run
from lethe.nested import disk as nested_disk
from lethe.project import TOOLS

TEXT = b"first line\n\x00\xff result x 1 00000000\n"


def sent(folder, name, data):
    """What the guest's script itself makes of a file."""
    script = (TOOLS / "lethe/linux/result.sh").read_text()
    script = script.replace("/dev/ttyS1", f"{folder}/port")
    script = script.replace("/tmp/.result", f"{folder}/body")
    for command in ("gzip", "wc", "crc32", "cat"):
        script = script.replace(command, f"busybox {command}")
    subprocess.run(["busybox", "sh", "-c", script, "result", name],
                   input=data, check=True)
    return (pathlib.Path(folder) / "port").read_bytes()


def refused(data):
    try:
        frames.decode(data)
    except frames.Bad as error:
        return str(error)
    return ""


def frame_checks(folder):
    one = sent(folder, "one", TEXT)
    two = sent(folder, "two", b"")
    body = one.index(b"\n") + 1
    flipped = bytearray(one)
    flipped[body + 12] ^= 1
    longer = one.replace(b" ", b" 1", 2).replace(b" 1", b" ", 1)
    yield "two files", frames.decode(one + two) == ({"one": TEXT, "two": b""},
                                                    b"")
    yield "a frame that has not ended", \
        frames.decode(one + two[:-1]) == ({"one": TEXT}, two[:-1])
    yield "a head that has not ended", \
        frames.decode(one + b"result t") == ({"one": TEXT}, b"result t")
    yield "a flipped bit", "CRC" in refused(bytes(flipped))
    yield "a wrong length", refused(longer + two + two * 99) != ""
    yield "a lost byte", refused(one[:body] + one[body + 1:] + two) != ""
    yield "text between", "no frame" in refused(one + b"panic\n" + two)
    yield "a name twice", "twice" in refused(one + one)
    yield "a name that is a path", refused(b"result ../x 1 00000000\n\n") != ""


def cpio_checks(folder):
    files = {"a/b/run": (b"#!/bin/sh\n", True), "c": (b"12345", False)}
    data = cpio.archive(files, {"a/link": "b/run"}, ("proc",))
    yield "same input, same bytes", data == cpio.archive(
        dict(reversed(files.items())), {"a/link": "b/run"}, ("proc",))
    listing = subprocess.run(["busybox", "cpio", "-t"], input=data, check=True,
                             capture_output=True).stdout.decode().split()
    yield "what cpio lists", listing == ["a", "a/b", "dev", "proc",
                                         "dev/console", "a/b/run", "c",
                                         "a/link"]
    subprocess.run(["busybox", "cpio", "-id", "a*", "c", "proc"], input=data,
                   check=True, capture_output=True, cwd=folder)
    run = folder / "a/b/run"
    yield "contents", (run.read_bytes(), (folder / "c").read_bytes()) == (
        b"#!/bin/sh\n", b"12345")
    yield "modes", (run.stat().st_mode & 0o777, (folder / "c").stat().st_mode
                    & 0o777, stat.S_ISDIR((folder / "proc").stat().st_mode)
                    ) == (0o755, 0o644, True)
    yield "a link", (folder / "a/link").readlink() == pathlib.Path("b/run")


def store_checks(folder):
    results = linux_run.Results(0, {"x": b"1"}, ["kernel k"], folder / "r")
    (folder / "r/files").mkdir(parents=True)
    linux_run.store(results, "stamp")
    again = linux_run.load(folder / "r", "stamp")
    yield "unchanged inputs", (again.files, again.reused) == ({"x": b"1"}, True)
    yield "changed inputs", linux_run.load(folder / "r", "other") is None
    (folder / "r/files/x").unlink()
    yield "a lost result", linux_run.load(folder / "r", "stamp") is None
    results = linux_run.Results(1, {}, [], folder / "bad")
    (folder / "bad/files").mkdir(parents=True)
    linux_run.store(results, "stamp")
    yield "a bad run", linux_run.load(folder / "bad", "stamp") is None


def disk_checks(_):
    page = nested_disk.PAGE
    one = b"".join(bytes([i % 3]) * page for i in range(9))
    two = one[:4 * page] + b"x" * page + one[5 * page:8 * page] + bytes(page)
    first = nested_disk.pack(one)
    then = nested_disk.pack(two, one)
    yield "the first image", nested_disk.unpack(len(one), [first]) == one
    yield "one that differs", nested_disk.unpack(len(one),
                                                 [first, then]) == two
    yield "no more than differs", len(then[0]) == 2 * page


def library_checks(_):
    yield "libraries", any("libc.so.6" in path for path in
                           linux_disk.libraries("/usr/bin/qemu-system-x86_64"))
    yield "a static program", linux_disk.libraries(linux_disk.BUSYBOX) == []


def main():
    number = failed = 0
    for group in (frame_checks, cpio_checks, store_checks, disk_checks,
                  library_checks):
        with tempfile.TemporaryDirectory() as folder:
            for name, ok in group(pathlib.Path(folder)):
                number += 1
                failed += not ok
                print(f"{'ok' if ok else 'not ok'} {number} - "
                      f"{group.__name__[:-7]}: {name}")
    print(f"1..{number}")
    return 1 if failed else 0


if __name__ == "__main__":
    cli.main("linux_selftest", main)
