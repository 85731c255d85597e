# SPDX-License-Identifier: MIT
"""What a row boots: lethe.conf, the kernel and the initramfs."""

import dataclasses
import hashlib
import pathlib

from lethe.linux import cpio, kernel as linux_kernel
from lethe.linux_guest import kernels, patch, programs
from lethe.machine import emulator, image

JUDGES = [pathlib.Path(__file__).with_name(name)
          for name in ("judge.py", "patched.py")]
FOLDERS = ("dev", "proc", "sys", "tmp")
OWN = {"/bin/where": "linux-init/where"}  # in the initramfs: in the build
CONFIG = """[hypervisor]
poweroff = 0x8900:0x44
tsc_hz = {tsc_hz}
at-end = console
[partition guest]
image = {image}
initrd = initrd
vps = {vps}
vp-index-stride = {stride}
memory = {memory}M
privileges = {privileges}
cmdline = {cmdline}
{guest}
{others}"""


@dataclasses.dataclass
class Parts:
    """All inputs of a run."""

    kernel: linux_kernel.Kernel
    text: str  # lethe.conf
    files: dict  # path in lethe.conf: bytes
    image: str  # the path of the kernel
    patched: patch.Done | None = None

    def stamp(self, build, row):
        """A hash of all inputs, and of what is demanded."""
        total = hashlib.sha256(f"{row}{self.text}".encode())
        for path in JUDGES:
            total.update(path.read_bytes())
        for name in sorted(self.files):
            total.update(name.encode() + self.files[name])
        for path in (build.hypervisor, build.rom, build.efi, build.guest):
            total.update(path.read_bytes())
        total.update(emulator.BOCHSRC.encode())
        total.update(emulator.bochs_version().encode())
        return total.hexdigest()


def initramfs(build, row, kernel_folder):
    init = build.folder / "linux-init/init"
    build.require(init)
    program = row.stress.partition(" ")[0]
    files = {}
    if program in OWN:
        own = build.folder / OWN[program]
        build.require(own)
        files[program.lstrip("/")] = (own.read_bytes(), True)
    elif program:
        files = programs.files(kernel_folder)
    files["init"] = (init.read_bytes(), True)
    return cpio.archive(files, None, FOLDERS)


def parts(build, row, kernel_folder=None):
    """The Parts of a row. `kernel_folder`: the build folder whose downloaded
    kernels are used; without it that of `build`."""
    kernel_folder = kernel_folder or build.folder
    kernel = kernels.get(kernel_folder, row.kernel)
    data = kernel.vmlinuz.read_bytes()
    name = "vmlinuz"
    if row.format == "vmlinux":
        data, name = kernels.vmlinux(data), "vmlinux"
    patched = None
    if row.patch:
        patched = patch.apply(patch.load()[row.patch], data)
        data = patched.image
        row = dataclasses.replace(
            row, cmdline=f"{row.cmdline} {patched.words()}")
    text = CONFIG.format(image=name, vps=row.vp_count, stride=row.stride,
                         memory=row.memory, privileges=row.privileges,
                         tsc_hz=row.tsc_hz,
                         cmdline=row.command_line(), guest=row.guest,
                         others=row.other_sections(name))
    initrd = initramfs(build, row, kernel_folder)
    return Parts(kernel, text, {name: data, "initrd": initrd}, name, patched)


def command(build, folder, row, made, com1):
    """The emulator's command."""
    return image.command(build, folder, row.loader, made.text, row.cpus,
                         made.files, memory=row.machine_memory, com1=com1)
