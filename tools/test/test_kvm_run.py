# SPDX-License-Identifier: MIT
"""Tests what kvm-run prints when it cannot run: bad kernels, no KVM, no
permission.

Each case checks the whole line on stderr, that stdout is empty, and status 125.
If this machine has KVM, the test guest also runs, without the Hyper-V
interface.
"""

import os
import shutil
import subprocess

import pytest

FAILED = 125
NOBODY = 65534
LIMIT = 120
NOTE = b"\4\0\0\0\4\0\0\0\x12\0\0\0Xen\0"


def start(build, *words, user=None, program=None):
    done = subprocess.run([program or build.kvm_run, *map(str, words)],
                          text=True, stdin=subprocess.DEVNULL,
                          capture_output=True, check=False, timeout=LIMIT,
                          user=user)
    return done.returncode, done.stdout, done.stderr


# ---- kernels

def patched(guest, at, data):
    return guest[:at] + data + guest[at + len(data):]


# How the guest's file is changed, the message (None: it has `expected`)
KERNELS = {
    "empty": (lambda guest: b"", "expected a PVH kernel, found an empty file"),
    "text": (lambda guest: b"#!/bin/sh\nexit 0\n",
             "EI_MAG: expected 0x464c457f (an ELF file), found 0x622f2123"),
    "short": (lambda guest: guest[:40],
              "file: expected an ELF header, found 40"),
    "cut": (lambda guest: guest[:len(guest) // 2], None),
    "machine": (lambda guest: patched(guest, 18, b"\x28\0"),
                "e_machine: expected 62 (x86-64) or 3 (i386), found 40"),
    "no-note": (lambda guest: patched(guest, guest.index(NOTE) + 8, b"\x11"),
                "XEN_ELFNOTE_PHYS32_ENTRY: expected this note (a PVH kernel), "
                "found none"),
    "entry": (lambda guest: patched(guest, guest.index(NOTE) + 16,
                                    b"\0\0\0\x7f"),
              "XEN_ELFNOTE_PHYS32_ENTRY: expected an entry that a segment's "
              "file part holds, found 0x7f000000"),
}


def refused(got, why):
    status, out, err = got
    assert (status, out) == (FAILED, "")
    assert err == f"kvm-run: {why}\n" if why else "expected" in err


def test_kernel_absent(build, tmp_path):
    path = tmp_path / "absent"
    refused(start(build, path), f"{path}: expected a readable file, found: No "
            "such file or directory")


def test_kernel_folder(build, tmp_path):
    refused(start(build, tmp_path), f"{tmp_path}: expected a PVH kernel, found "
            "no regular file")


@pytest.mark.parametrize("name", KERNELS)
def test_kernel(build, tmp_path, name):
    change, why = KERNELS[name]
    path = tmp_path / name
    path.write_bytes(change(build.guest.read_bytes()))
    refused(start(build, path), why and f"{path}: {why}")


def test_kernel_bzimage(build):
    """A good one, which kvm-run does not start."""
    path = build.folder / "guest/bzimage"
    refused(start(build, path), f"{path}: expected a PVH kernel, found a Linux "
            "bzImage; give the uncompressed kernel, vmlinux")


def test_kernel_too_large(build, tmp_path):
    """The last PT_LOAD is 2 MiB long; RAM is as small as it may be."""
    path = tmp_path / "large"
    headers, each = 64, 56  # e_phoff; e_phentsize
    p_memsz = headers + 3 * each + 40
    path.write_bytes(patched(build.guest.read_bytes(), p_memsz,
                             (2 << 20).to_bytes(8, "little")))
    status, out, err = start(build, "--memory", "2M", path)
    assert (status, out) == (FAILED, "")
    assert err.startswith(f"kvm-run: {path}: p_paddr: expected a segment "
                          "inside the partition's memory, found 0x")


# ---- command lines

LINES = (
    ("", "expected a kernel, found none; see kvm-run --help"),
    ("--cpus 0 x", "--cpus: expected 1 to 255, found `0`"),
    ("--cpus -1 x", "--cpus: expected 1 to 255, found `-1`"),
    ("--memory 1M x", "--memory: expected 2 to 3072 (M), found `1M`"),
    ("--memory 64Q x", "--memory: expected 2 to 3072 (M), found `64Q`"),
    ("--memory", "--memory: expected a value, found none"),
    ("--colour x", "unknown option `--colour`; kvm-run --help lists them"),
    ("a b", "expected one kernel, found `a` and `b`"),
    ("--cmdline {long} {guest}",
     "{guest}: cmdline: expected at most 1023 bytes"),
)


@pytest.mark.parametrize("words, why", LINES, ids=[row[0] for row in LINES])
def test_typed(build, words, why):
    names = {"guest": build.guest, "long": "x" * 1024}
    refused(start(build, *(word.format(**names) for word in words.split())),
            why.format(**names))


def test_help(build):
    status, out, _ = start(build, "--help")
    assert status == 0 and "--cmdline TEXT" in out


# ---- devices

def test_no_device(build, tmp_path):
    device = tmp_path / "kvm"
    status, _, err = start(build, "--device", device, build.guest)
    assert status == FAILED
    assert f"{device}: not there: this kernel has no KVM" in err


def test_no_KVM_behind_the_device(build, tmp_path):
    device = tmp_path / "kvm"
    device.write_bytes(b"")
    status, _, err = start(build, "--device", device, build.guest)
    assert status == FAILED
    assert "expected KVM's API version 12, found -1" in err


def test_no_permission(build, tmp_path):
    device = tmp_path / "kvm"
    device.touch(0)
    # That user may not enter the build's folder
    tmp_path.chmod(0o755)
    program, guest = tmp_path / "kvm-run", tmp_path / "guest.elf"
    shutil.copy(build.kvm_run, program)
    shutil.copy(build.guest, guest)
    program.chmod(0o755)
    guest.chmod(0o644)
    status, _, err = start(build, "--device", device, guest, program=program,
                           user=NOBODY if os.getuid() == 0 else None)
    assert status == FAILED
    assert f"{device}: no permission: expected read and write" in err


# ---- with a KVM of this machine

needs_kvm = pytest.mark.skipif(not os.access("/dev/kvm", os.R_OK | os.W_OK),
                               reason="no /dev/kvm here")


@needs_kvm
def test_SKIP_on_this_KVM(build):
    assert start(build, "--no-hyperv", "--cpus", "2", "--seconds", "60",
                 "--cmdline", "suite=boot cpus=2", build.guest) == \
        (0, "1..0 # SKIP no Hyper-V interface\n", "")


@needs_kvm
def test_the_guests_own_status(build):
    status, out, _ = start(build, "--no-hyperv", "--cmdline", "suit=x",
                           build.guest)
    assert status == 2 and out.startswith(
        "Bail out! command line: suit: expected one of suite ")
