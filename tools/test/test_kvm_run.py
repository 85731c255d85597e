# SPDX-License-Identifier: MIT
"""What kvm-run says where it cannot run: bad kernels, no KVM, no permission.

Each case: the whole line on stderr, nothing on stdout, status 125. Where this
machine has KVM the test guest runs too, without the Hyper-V interface.
"""

from lethe import cli  # first: until it has run, Ctrl-C gives a traceback

import os
import pathlib
import shutil
import subprocess
import tempfile

from lethe.machine import image

FAILED = 125
NOBODY = 65534
LIMIT = 120


def start(build, words, user=None, program=None):
    done = subprocess.run([program or build.kvm_run, *map(str, words)], text=True,
                          stdin=subprocess.DEVNULL, capture_output=True,
                          check=False, timeout=LIMIT, user=user)
    return done.returncode, done.stdout, done.stderr


def kernels(build, folder):
    """(name, file, what is said about it)"""
    guest = bytearray(build.guest.read_bytes())

    def made(name, data):
        path = folder / name
        path.write_bytes(data)
        return path

    def patched(name, at, data):
        new = bytearray(guest)
        new[at:at + len(data)] = data
        return made(name, new)

    note = guest.index(b"\4\0\0\0\4\0\0\0\x12\0\0\0Xen\0")
    yield "absent", folder / "absent", \
        "expected a readable file, found: No such file or directory"
    yield "folder", folder, "expected a PVH kernel, found no regular file"
    yield "empty", made("empty", b""), \
        "expected a PVH kernel, found an empty file"
    yield "text", made("text", b"#!/bin/sh\nexit 0\n"), \
        "EI_MAG: expected 0x464c457f (an ELF file), found 0x622f2123"
    yield "short", made("short", guest[:40]), \
        "file: expected an ELF header, found 40"
    yield "cut", made("cut", guest[:len(guest) // 2]), None
    yield "machine", patched("machine", 18, b"\x28\0"), \
        "e_machine: expected 62 (x86-64) or 3 (i386), found 40"
    yield "no-note", patched("no-note", note + 8, b"\x11"), \
        ("XEN_ELFNOTE_PHYS32_ENTRY: expected this note (a PVH kernel), "
         "found none")
    yield "entry", patched("entry", note + 16, b"\0\0\0\x7f"), \
        ("XEN_ELFNOTE_PHYS32_ENTRY: expected an entry that a segment's file "
         "part holds, found 0x7f000000")


def command_lines(build):
    yield [], "expected a kernel, found none; kvm-run --help"
    yield ["--cpus", "0", "x"], "--cpus: expected 1 to 255, found `0`"
    yield ["--cpus", "-1", "x"], "--cpus: expected 1 to 255, found `-1`"
    yield ["--memory", "1M", "x"], "--memory: expected 2 to 3072 (M), found `1M`"
    yield ["--memory", "64Q", "x"], \
        "--memory: expected 2 to 3072 (M), found `64Q`"
    yield ["--memory"], "--memory: expected a value, found none"
    yield ["--colour", "x"], "unknown option `--colour`; kvm-run --help has them"
    yield ["a", "b"], "expected one kernel, found `a` and `b`"
    yield ["--memory", "2M", build.guest], None
    yield ["--cmdline", "x" * 1024, build.guest], \
        f"{build.guest}: cmdline: expected at most 1023 bytes"


def cases(build, folder):
    """(name, ok, what was seen)"""
    for name, path, why in kernels(build, folder):
        got = start(build, [path])
        line = f"kvm-run: {path}: {why}\n"
        yield f"kernel {name}", (got[0], got[1]) == (FAILED, "") and (
            got[2] == line if why else "expected" in got[2]), got
    for words, why in command_lines(build):
        got = start(build, words)
        yield f"{' '.join(map(str, words))[:40]}", \
            (got[0], got[1]) == (FAILED, "") and (
                got[2] == f"kvm-run: {why}\n" if why else
                "expected" in got[2]), got
    device = folder / "kvm"
    got = start(build, ["--device", device, build.guest])
    yield "no device", got[0] == FAILED and \
        f"{device}: not there: this kernel has no KVM" in got[2], got
    device.write_bytes(b"")
    got = start(build, ["--device", device, build.guest])
    yield "no KVM behind the device", got[0] == FAILED and \
        "expected KVM's API version 12, found -1" in got[2], got
    device.chmod(0)
    folder.chmod(0o755)
    # That user may not enter the build's folder
    program, guest = folder / "kvm-run", folder / "guest.elf"
    shutil.copy(build.kvm_run, program)
    shutil.copy(build.guest, guest)
    program.chmod(0o755)
    guest.chmod(0o644)
    got = start(build, ["--device", device, guest],
                NOBODY if os.getuid() == 0 else None, program)
    yield "no permission", got[0] == FAILED and \
        f"{device}: no permission: expected read and write" in got[2], got
    got = start(build, ["--help"])
    yield "--help", got[0] == 0 and "--cmdline TEXT" in got[1], got


def on_kvm(build):
    """With a KVM of this machine: (name, ok, what was seen)."""
    got = start(build, ["--no-hyperv", "--cpus", "2", "--seconds", "60",
                        "--cmdline", "suite=boot cpus=2", build.guest])
    yield "SKIP on this KVM", got == (0, "1..0 # SKIP no Hyper-V interface\n",
                                      ""), got
    got = start(build, ["--no-hyperv", "--cmdline", "suit=x", build.guest])
    yield "the guest's own status", got[0] == 2 and got[1].startswith(
        "Bail out! command line: suit: expected one of suite "), got


def main():
    parser = cli.Parser("kvm_run_test", __doc__, build=True)
    build = image.Build(parser.parse_args().build)
    number = failed = 0
    with tempfile.TemporaryDirectory() as name:
        rows = list(cases(build, pathlib.Path(name)))
    if os.access("/dev/kvm", os.R_OK | os.W_OK):
        rows += on_kvm(build)
    else:
        print("# no /dev/kvm here: the guest is not run")
    for number, (name, ok, seen) in enumerate(rows, 1):
        failed += not ok
        if not ok:
            print(f"# {seen}")
        print(f"{'ok' if ok else 'not ok'} {number} - kvm-run: {name}")
    print(f"1..{number}")
    return 1 if failed else 0


if __name__ == "__main__":
    cli.main("kvm_run_test", main)
