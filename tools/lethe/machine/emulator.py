# SPDX-License-Identifier: MIT
"""Command lines and configuration of the emulators: Bochs and QEMU."""

import ctypes
import fcntl
import functools
import os
import pathlib
import re
import struct
import subprocess

from lethe import cli

BOCHS_MODEL = "broadwell_ult"
# Instructions per emulated second; few, so that waits of a fixed time are short
IPS = 10000000
DATE = 1700000000  # of the clock at the start of a test, seconds since 1970
OVMF = "/usr/share/ovmf/OVMF.fd"
VGABIOS = "/usr/share/bochs/VGABIOS-lgpl-latest"
BIOS = "/usr/share/bochs/BIOS-bochs-latest"  # has ACPI tables, unlike OVMF
LINUX_IPS = 100000000  # more for Linux, whose timer ticks at 250 Hz

# ignore_bad_msrs: unknown MSRs read as 0 only with OVMF, which needs that. With
# the test ROM an access is #GP, so that one by Lethe is found. The fixed clock
# makes runs repeatable. The dummy sound driver avoids a bug of Bochs 2.7: where
# ALSA finds no card, the mixer thread clears a buffer of an uninitialised
# length, which may crash Bochs at the start.
BOCHSRC = """display_library: term
megs: {memory}
cpu: model={model}, count={cpus}, ips={ips}, reset_on_triple_fault=0, \
ignore_bad_msrs={lax}
romimage: file={rom}
vgaromimage: file={vgabios}
vga: extension=vbe, update_freq=1, realtime=0
pci: enabled=1, chipset=i440fx, slot1=pcivga, advopts="nohpet"
com1: enabled=1, {com1}
log: bochs.log
panic: action=report
error: action=ignore
info: action=ignore
debug: action=ignore
clock: sync=none, time0={date}
sound: driver=dummy
speaker: enabled=0
"""
BOCHS_DISK = """ata0: enabled=1, ioaddr1=0x1f0, ioaddr2=0x3f0, irq=14
ata0-master: type=disk, path={disk}, mode=flat, cylinders=0, heads=0, spt=0
boot: disk
"""

BOCHS_VERSION = re.compile(r"Bochs x86 Emulator (\d+\.\d+)")
HELP_SECONDS = 30
BOCHS_OLD = "2.7"  # Debian 12's, whose --help does not print the version

KVM_GET_SUPPORTED_CPUID = 0xC008AE05
CPUID_ENTRIES = 256
CPUID_ENTRY = struct.Struct("<10I")
CPUID_1_ECX_VMX = 1 << 5


# A write of N to the test guest's exit port ends QEMU with status 2 x N + 1
QEMU_EXIT = ["-device", "isa-debug-exit,iobase=0xf4,iosize=4"]

# QEMU 9 and later emulate x2APIC, earlier ones do not. It is switched off, so
# that every version lacks the same features
TCG_CPU = "max,-x2apic"


class Unavailable(cli.Wrong):
    """This machine lacks something that the command needs."""


def qemu_kernel(kernel, cmdline, cpus=1, memory=384):
    """The command that starts a PVH kernel without firmware, in TCG."""
    return ["qemu-system-x86_64", "-machine", "q35,accel=tcg", "-cpu", "max",
            "-smp", str(cpus), "-m", str(memory), "-kernel", str(kernel),
            "-append", cmdline, "-display", "none", "-monitor", "none",
            "-parallel", "none", "-nic", "none", "-no-reboot",
            "-serial", "file:serial.txt", *QEMU_EXIT]


def environment(home):
    """The environment of an emulator, which has only PATH of the caller's.
    HOME is the run's folder, which holds no settings."""
    return {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(home),
            "TERM": "dumb", "LC_ALL": "C"}


@functools.cache
def bochs_help():
    try:
        done = subprocess.run(["bochs", "--help"], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, check=False,
                              env=environment("/"), timeout=HELP_SECONDS)
    except subprocess.TimeoutExpired:
        raise Unavailable(f"expected bochs --help to end, found it running "
                          f"after {HELP_SECONDS} s") from None
    except FileNotFoundError:
        raise Unavailable("expected the command bochs, found none; install "
                          "Debian's packages bochs and bochs-term") from None
    return done.stdout.decode("utf-8", "replace")


def bochs_version():
    """The version of the installed Bochs, such as "3.0"."""
    found = BOCHS_VERSION.search(bochs_help())
    return found[1] if found else BOCHS_OLD


def bochs_words():
    """The command of Bochs with its debugger. A power-off by port 0x8900 stops
    in the debugger, whose next line then ends Bochs. Bochs 3.0 starts its
    debugger only with the option -debugger."""
    asked = ["-debugger"] if "-debugger" in bochs_help() else []
    return ["bochs", "-q", *asked, "-f", "bochsrc", "-rc", "debugger"]


def bochs(folder, cpus=1, memory=384, rom=OVMF, disk=None,
          com1="mode=file, dev=serial.txt", debugger=("c", "q"), com2=None,
          ips=IPS, date=DATE):
    """Writes bochsrc into `folder`; returns the command. `debugger` has the
    lines for Bochs's debugger: the first, `c`, starts the machine; after a
    power-off by port 0x8900 the debugger reads the next. Without `com2` there
    is no such port."""
    folder = pathlib.Path(folder)
    text = BOCHSRC.format(memory=memory, model=BOCHS_MODEL, cpus=cpus,
                          ips=ips, rom=rom, vgabios=VGABIOS, com1=com1,
                          lax=int(rom == OVMF), date=date)
    if com2:
        text += f"com2: enabled=1, {com2}\n"
    if disk:
        text += BOCHS_DISK.format(disk=disk)
    (folder / "bochsrc").write_text(text)
    (folder / "debugger").write_text("".join(f"{x}\n" for x in debugger))
    # Line-buffered: stdout.txt must be complete even if the run is killed
    return ["stdbuf", "-oL", *bochs_words()]


def bochs_linux(folder, disk, cpus=2, memory=1024):
    """As bochs(), for a Linux that the BIOS boots from a disk. Its console is
    COM1 (serial.txt), and it sends results over COM2 (results.bin)."""
    folder = pathlib.Path(folder)
    text = BOCHSRC.format(memory=memory, model=BOCHS_MODEL, cpus=cpus,
                          ips=LINUX_IPS, rom=f"{BIOS}, options=fastboot",
                          vgabios=VGABIOS, lax=1, date=DATE,
                          com1="mode=file, dev=serial.txt")
    text += "com2: enabled=1, mode=file, dev=results.bin\n"
    text += BOCHS_DISK.format(disk=disk)
    (folder / "bochsrc").write_text(text)
    (folder / "debugger").write_text("c\nq\n")
    return bochs_words()


def kvm_has_vmx():
    """Whether KVM offers VMX to its guests; /dev/kvm alone proves nothing."""
    entries = ctypes.create_string_buffer(8 + CPUID_ENTRIES * CPUID_ENTRY.size)
    struct.pack_into("<I", entries, 0, CPUID_ENTRIES)
    try:
        kvm = os.open("/dev/kvm", os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.ioctl(kvm, KVM_GET_SUPPORTED_CPUID, entries)
    except OSError:
        return False
    finally:
        os.close(kvm)
    count = struct.unpack_from("<I", entries, 0)[0]
    rows = (CPUID_ENTRY.unpack_from(entries, 8 + i * CPUID_ENTRY.size)
            for i in range(count))
    return any(row[0] == 1 and row[5] & CPUID_1_ECX_VMX for row in rows)


def qemu_words(disk, cpus=1, memory=384, accel="kvm",
               serial="file:serial.txt", cpu=None):
    """The command line of `make run RUNNER=qemu` and of the nested tests. It
    has only devices that are needed, because OVMF spends time on each."""
    return ["qemu-system-x86_64", "-machine", f"pc,accel={accel}",
            "-cpu", cpu or ("host" if accel == "kvm" else TCG_CPU),
            "-smp", str(cpus), "-m", str(memory), "-bios", OVMF,
            "-nodefaults", "-vga", "none", "-display", "none", "-nic", "none",
            "-drive", f"file={disk},format=raw,if=ide",
            "-no-reboot", "-serial", serial]


def qemu(*words, **options):
    """qemu_words(); raises Unavailable where this cannot run."""
    if options.get("accel", "kvm") == "kvm" and not kvm_has_vmx():
        raise Unavailable("RUNNER=qemu: expected a KVM with nested VMX, found "
                          "no VMX in KVM_GET_SUPPORTED_CPUID of /dev/kvm; "
                          "RUNNER=bochs needs no KVM")
    return qemu_words(*words, **options)
