# SPDX-License-Identifier: MIT
"""Writes what `make run GUEST=linux` boots into the folder linux-run of the
build: Debian's kernel (vmlinuz), an initramfs with BusyBox (initrd) and a
lethe.conf that names them. @CPUS@ in it stands for the number of CPUs. With
--sanitize Linux runs under the sanitizer (docs/sanitizer.md)."""

import pathlib

from lethe import cli
from lethe.linux import cpio
from lethe.linux_guest import kernels, table
from lethe.machine import image

BUSYBOX = pathlib.Path("/bin/busybox")
SHELL = pathlib.Path(__file__).with_name("shell.sh")
FOLDERS = ("dev", "proc", "sys", "tmp")

# In Bochs two VPs execute about so many instructions in a second, so Linux's
# seconds are about as long as those of the person who types.
TSC_HZ = 25_000_000
MEMORY = 160
CONFIG = f"""[hypervisor]
poweroff = 0x8900:0x44
tsc_hz = {TSC_HZ}

[partition guest]
image = vmlinuz
initrd = initrd
vps = @CPUS@
memory = {MEMORY}M
privileges = linux
output = com2
cmdline = console=ttyS0 panic=-1 reboot=a {table.FAST}
"""
# The kernel stays where its symbols are
SANITIZE = ("paging = shadow\nshadow-pages = 4096\nsanitize = on\n"
            "sanitize-grace = 1000000\n")
NOKASLR = " nokaslr"


def initramfs():
    """The bytes of an initramfs whose first process is shell.sh."""
    if not BUSYBOX.is_file():
        raise cli.Wrong(f"{BUSYBOX}: expected Debian's busybox-static, found "
                        "nothing; install the package")
    return cpio.archive({"bin/busybox": (BUSYBOX.read_bytes(), True),
                         "init": (SHELL.read_bytes(), True)}, None, FOLDERS)


def config(sanitize):
    """lethe.conf"""
    return CONFIG.rstrip("\n") + f"{NOKASLR}\n{SANITIZE}" if sanitize else \
        CONFIG


def main():
    parser = cli.Parser("shell", __doc__, build=True)
    parser.add_argument("--sanitize", action="store_true")
    parser.add_argument("--kernel", metavar="BZIMAGE",
                        help="another kernel than Debian's")
    parser.add_argument("guest", choices=("linux",))
    args = parser.parse_args()
    folder = image.Build(args.build).folder / "linux-run"
    folder.mkdir(parents=True, exist_ok=True)
    if args.kernel:
        image_path, name = pathlib.Path(args.kernel), args.kernel
    else:
        kernel = kernels.get(args.build, "cloud")
        image_path, name = kernel.vmlinuz, f"{kernel.package} {kernel.version}"
    (folder / "vmlinuz").write_bytes(image_path.read_bytes())
    (folder / "initrd").write_bytes(initramfs())
    (folder / "lethe.conf").write_text(config(args.sanitize))
    cli.say(f"run: Linux is {name}")
    return 0


if __name__ == "__main__":
    cli.main("shell", main)
