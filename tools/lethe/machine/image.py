# SPDX-License-Identifier: MIT
"""Fills the folder of a run with what an emulator boots, for either loader.

A configuration is the text of a lethe.conf in which @CPUS@ stands for the
machine's number of CPUs. The files that it names are those of the build and
those that the caller adds.
"""

import pathlib

from lethe import cli
from lethe.machine import disk, emulator, rom
from lethe.machine.run_folder import RunFolder

AS_BYTES = ("utf-8", "surrogateescape")

# Bochs's port for a power-off: see boot/rom/rom_console.c
HYPERVISOR = "[hypervisor]\npoweroff = 0x8900:0x44\n"
GUEST = ("[partition guest]\nimage = guest.elf\nvps = @VPS@\nmemory = 64M\n"
         "privileges = @PRIVILEGES@\ntest-calls = yes\n")


def config(cmdline, hypervisor="", guest="", privileges="all", vps=0):
    """lethe.conf of the test guest with that command line. `hypervisor` and
    `guest` are more lines for these sections. `vps` is the number of VPs; 0
    means one per CPU."""
    partition = GUEST.replace("@PRIVILEGES@", privileges)
    partition = partition.replace("@VPS@", str(vps or "@CPUS@"))
    return f"{HYPERVISOR}{hypervisor}\n{partition}cmdline = {cmdline}\n{guest}"


class Build:
    """The results of `make` in a build folder."""

    def __init__(self, folder="build"):
        self.folder = pathlib.Path(folder).resolve()
        self.hypervisor = self.folder / "hv/lethe.elf"
        self.debug = self.folder / "hv/lethe.debug"
        self.guest = self.folder / "guest/guest.elf"
        self.efi = self.folder / "boot/BOOTX64.EFI"
        self.rom = self.folder / "rom/rom.bin"
        self.guest_efi = self.folder / "guest-efi/BOOTX64.EFI"
        self.kvm_run = self.folder / "kvm-run/kvm-run"
        self.guest_acpi = self.folder / "unit/guest-acpi"
        self.lethe_trace = self.folder / "lethe-trace/lethe-trace"
        # with the sanitizers, and the encoder that makes dumps for tests
        self.lethe_trace_checked = self.folder / "lethe-trace-test/lethe-trace"
        self.trace_encoder = self.folder / "lethe-trace-test/encode"

    def run_folder(self, name):
        """A folder for one run; it exists while a `with` block runs."""
        self.require(self.hypervisor)
        return RunFolder(self.folder, name)

    def require(self, *paths):
        """Raises Wrong if one of these results does not exist."""
        for path in paths:
            if not path.is_file():
                raise cli.Wrong(f"{path}: expected what `make` builds, found "
                                "nothing; run make, or name the build's folder "
                                "with --build")

    def files(self, more=()):
        """{path in lethe.conf: bytes} of the files that it may name."""
        found = {"guest.elf": self.guest.read_bytes()}
        found.update(more)
        return found


def read_text(data, encoding=""):
    """The text of a lethe.conf from its bytes. With `encoding`, it is the text
    whose bytes are `data` converted from UTF-8 to that encoding."""
    if encoding:
        data = data.decode(*AS_BYTES).encode(encoding)
    return data.decode(*AS_BYTES)


def fill(text, cpus):
    """The bytes of lethe.conf with @CPUS@ replaced; all other bytes of a
    user's file stay as they are."""
    if isinstance(text, str):
        text = text.encode(*AS_BYTES)
    return text.replace(b"@CPUS@", str(cpus).encode())


def make_rom(build, folder, text, cpus, more=()):
    """Writes the ROM image of one run; returns the options of emulator.bochs()
    that load it."""
    build.require(build.rom, build.hypervisor, build.guest)
    files = build.files(more)
    files["lethe.conf"] = fill(text, cpus)
    files.setdefault("lethe.elf", build.hypervisor.read_bytes())
    image, more_files = rom.build(build.rom.read_bytes(), cpus, files)
    (folder / "rom.img").write_bytes(image)
    if not more_files:
        return {"rom": "rom.img"}
    (folder / "disk.img").write_bytes(more_files)
    return {"rom": "rom.img", "disk": "disk.img"}


def disk_image(folder, efi, content, **options):
    """Writes folder/disk.img with disk.py; returns its path."""
    path = folder / "disk.img"
    disk.make(path, efi, content, **options)
    return path


def make_disk(build, folder, text, cpus, more=(), startup=None):
    """Writes the disk image of one run; returns its path. With `startup`, a
    script for the UEFI shell, the firmware starts the shell instead of Lethe,
    which then is \\lethe.efi."""
    build.require(build.efi, build.guest)
    content = folder / "lethe"
    content.mkdir()
    for path, data in build.files(more).items():
        target = content / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    (content / "lethe.conf").write_bytes(fill(text, cpus))
    options = {}
    if startup:
        script = folder / "startup.nsh"
        script.write_bytes(startup.replace("\n", "\r\n").encode())
        options = {"startup": script, "efi_path": "lethe.efi"}
    return disk_image(folder, build.efi, content, **options)


def command(build, folder, loader, text, cpus, more=(), startup=None,
            memory=384, **bochs):
    """Prepares `folder` and returns the emulator's command. `loader`: rom,
    uefi (both Bochs), qemu (KVM with nested VMX) or qemu-tcg."""
    if loader == "rom":
        found = make_rom(build, folder, text, cpus, more)
        return emulator.bochs(folder, cpus, memory, **found, **bochs)
    # The emulator runs in `folder` and gets a name without a path, so that the
    # path may contain any characters
    name = make_disk(build, folder, text, cpus, more, startup).name
    if loader == "uefi":
        return emulator.bochs(folder, cpus, memory, disk=name, **bochs)
    if loader == "qemu":
        return emulator.qemu(name, cpus, memory)
    if loader == "qemu-tcg":
        return emulator.qemu(name, cpus, memory, accel="tcg")
    raise ValueError("expected the loader rom, uefi, qemu or qemu-tcg, found "
                     f"`{loader}`")
