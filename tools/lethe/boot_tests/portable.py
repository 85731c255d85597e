# SPDX-License-Identifier: MIT
"""Starts the test guest without Lethe, for tests/portable.toml."""

from lethe.elf import opened, segments
from lethe.machine import emulator
from lethe.machine.image import disk_image


def poison_bss(build, folder):
    """QEMU options that fill the kernel's .bss with 0xa5 at power-on, so that
    the test fails if the loader does not clear it."""
    options = []
    with opened(build.guest) as elf:
        for _, header in segments(elf, "PT_LOAD"):
            at, size = header["p_paddr"], header["p_filesz"]
            if header["p_memsz"] > size:
                path = folder / f"poison-{at:x}"
                path.write_bytes(b"\xa5" * (header["p_memsz"] - size))
                options += ["-device", f"loader,file={path.name},force-raw=on,"
                            f"addr={at + size:#x}"]
    return options


def make_guest_disk(build, folder, cmdline):
    """A disk with the test guest alone, as a UEFI application."""
    content = folder / "lethe"
    content.mkdir()
    (content / "cmdline.txt").write_text(f"{cmdline}\r\n")
    return disk_image(folder, build.guest_efi, content)


def command(build, folder, loader, cmdline, cpus, memory=384):
    """The emulator's command. `loader`: guest-kernel (QEMU -kernel),
    guest-uefi (QEMU and OVMF), guest-bochs (Bochs and OVMF)."""
    cmdline = cmdline.replace("@CPUS@", str(cpus))
    build.require(build.guest, build.guest_efi)
    if loader == "guest-kernel":
        return emulator.qemu_kernel(build.guest, cmdline, cpus, memory)
    name = make_guest_disk(build, folder, cmdline).name
    if loader == "guest-bochs":
        return emulator.bochs(folder, cpus, memory, disk=name)
    return [*emulator.qemu(name, cpus, memory, accel="tcg"),
            *emulator.QEMU_EXIT, *poison_bss(build, folder)]
