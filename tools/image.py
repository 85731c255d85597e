# SPDX-License-Identifier: MIT
"""Makes the folder of a run: what an emulator boots, by either loader.

A configuration is a text with @CPUS@ for the machine's number of CPUs; the
files it names are those of the build, plus what the caller adds.
"""

import os
import pathlib
import struct
import subprocess
import sys
import tempfile

import emulator
import mkrom

PT_LOAD = 1
AS_BYTES = ("utf-8", "surrogateescape")
TOOLS = pathlib.Path(__file__).resolve().parent

# The emulator's port for "stop": see boot/rom/rom_console.c
HYPERVISOR = "[hypervisor]\npoweroff = 0x8900:0x44\n"
GUEST = ("[partition guest]\nimage = guest.elf\nvps = @VPS@\nmemory = 64M\n"
         "privileges = @PRIVILEGES@\ntest-calls = yes\n")


def config(cmdline, hypervisor="", guest="", privileges="all", vps=0):
    """lethe.conf of the test guest with that command line, keys added; `vps`:
    how many, 0: one a CPU."""
    partition = GUEST.replace("@PRIVILEGES@", privileges)
    partition = partition.replace("@VPS@", str(vps or "@CPUS@"))
    return f"{HYPERVISOR}{hypervisor}\n{partition}cmdline = {cmdline}\n{guest}"


def stored(text, cpus):
    """The bytes of lethe.conf; a text keeps those that are not UTF-8."""
    return text.replace("@CPUS@", str(cpus)).encode(*AS_BYTES)


def read_text(data, encoding=""):
    """The text of lethe.conf in bytes; with `encoding`, of a text that is to
    be stored so."""
    if encoding:
        data = data.decode(*AS_BYTES).encode(encoding)
    return data.decode(*AS_BYTES)


def inside(path):
    """`path` as lethe.conf may write it, from \\lethe\\ on, with slashes."""
    names = path.replace("\\", "/")
    if names.startswith("/"):
        if not names.lower().startswith("/lethe/"):
            raise ValueError(f"{path}: the image holds \\lethe\\ only")
        names = names[len("/lethe/"):]
    parts = [name for name in names.split("/") if name not in ("", ".")]
    if not parts or ".." in parts:
        raise ValueError(f"{path}: expected a file under \\lethe\\")
    return "/".join(parts)


class Build:
    """Where `make` left its results."""

    def __init__(self, folder="build"):
        self.folder = pathlib.Path(folder).resolve()
        self.hypervisor = self.folder / "hv/lethe.elf"
        self.guest = self.folder / "guest/guest.elf"
        self.efi = self.folder / "boot/BOOTX64.EFI"
        self.rom = self.folder / "rom/rom.bin"
        self.guest_efi = self.folder / "guest-efi/BOOTX64.EFI"
        self.kvm_run = self.folder / "kvm-run/kvm-run"

    def run_folder(self, name):
        """A fresh folder for one run, under the build folder."""
        runs = self.folder / "run"
        runs.mkdir(parents=True, exist_ok=True)
        return pathlib.Path(tempfile.mkdtemp(prefix=f"{name}-", dir=runs))

    def files(self, more=()):
        """Path in lethe.conf → bytes."""
        found = {"guest.elf": self.guest.read_bytes()}
        found.update(more)
        return found


def make_rom(build, folder, text, cpus, more=()):
    """The ROM image of one run; returns its path."""
    files = build.files(more)
    files["lethe.conf"] = stored(text, cpus)
    files.setdefault("lethe.elf", build.hypervisor.read_bytes())
    path = folder / "rom.img"
    path.write_bytes(mkrom.build(build.rom.read_bytes(), cpus, files))
    return path


def make_disk(build, folder, text, cpus, more=(), startup=None):
    """The disk image of one run; returns its path. With `startup`, a script
    for the UEFI shell, the firmware starts the shell instead of Lethe, which
    then is \\lethe.efi."""
    content = folder / "lethe"
    content.mkdir()
    for path, data in build.files(more).items():
        target = content / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    (content / "lethe.conf").write_bytes(stored(text, cpus))
    command = [sys.executable, str(TOOLS / "mkdisk"), str(folder / "disk.img"),
               str(build.efi), str(content)]
    if startup:
        script = folder / "startup.nsh"
        script.write_bytes(startup.replace("\n", "\r\n").encode())
        command += ["--startup", str(script), "--efi-path", "lethe.efi"]
    subprocess.run(command, check=True, env=dict(os.environ))
    return folder / "disk.img"


def command(build, folder, loader, text, cpus, more=(), startup=None,
            memory=384, **bochs):
    """Prepares `folder` and returns the emulator's command. `loader`: rom,
    uefi (both Bochs), qemu (KVM with nested VMX), qemu-tcg, qemu-tcg-pc."""
    if loader == "rom":
        rom = make_rom(build, folder, text, cpus, more)
        return emulator.bochs(folder, cpus, memory, rom=rom, **bochs)
    disk = make_disk(build, folder, text, cpus, more, startup)
    if loader == "uefi":
        return emulator.bochs(folder, cpus, memory, disk=disk, **bochs)
    if loader == "qemu":
        return emulator.qemu(disk, cpus, memory)
    if loader == "qemu-tcg":
        return emulator.qemu(disk, cpus, memory, accel="tcg")
    raise ValueError(f"loader {loader}: rom, uefi, qemu or qemu-tcg")


def poison_bss(build, folder):
    """QEMU options: what the kernel expects as zeros is 0xa5 at power-on, so
    that a loader that does not clear it is seen."""
    elf = build.guest.read_bytes()
    offset, = struct.unpack_from("<Q", elf, 32)
    size, count = struct.unpack_from("<HH", elf, 54)
    options = []
    for at in range(offset, offset + size * count, size):
        kind, _, _, _, paddr, filesz, memsz = struct.unpack_from("<IIQQQQQ",
                                                                 elf, at)
        if kind == PT_LOAD and memsz > filesz:
            path = folder / f"poison-{paddr:x}"
            path.write_bytes(b"\xa5" * (memsz - filesz))
            options += ["-device", f"loader,file={path},force-raw=on,"
                        f"addr={paddr + filesz:#x}"]
    return options


def make_guest_disk(build, folder, cmdline):
    """A disk with the test guest alone, as a UEFI application."""
    content = folder / "lethe"
    content.mkdir()
    (content / "cmdline.txt").write_text(f"{cmdline}\r\n")
    subprocess.run([sys.executable, str(TOOLS / "mkdisk"),
                    str(folder / "disk.img"), str(build.guest_efi),
                    str(content)], check=True, env=dict(os.environ))
    return folder / "disk.img"


def guest_command(build, folder, loader, cmdline, cpus, memory=384):
    """The emulator's command for the test guest without Lethe. `loader`:
    guest-kernel (QEMU -kernel), guest-uefi (QEMU and OVMF), guest-bochs
    (Bochs and OVMF)."""
    cmdline = cmdline.replace("@CPUS@", str(cpus))
    if loader == "guest-kernel":
        return emulator.qemu_kernel(build.guest, cmdline, cpus, memory)
    disk = make_guest_disk(build, folder, cmdline)
    if loader == "guest-bochs":
        return emulator.bochs(folder, cpus, memory, disk=disk)
    return [*emulator.qemu(disk, cpus, memory, accel="tcg"),
            *emulator.QEMU_EXIT, *poison_bss(build, folder)]
