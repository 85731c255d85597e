# SPDX-License-Identifier: MIT
"""Debian's stress-ng with its libraries, for an initramfs. The packages are
downloaded by `apt-get download` and unpacked; nothing is installed."""

import pathlib
import subprocess

from elftools.elf.elffile import ELFFile

from lethe import cli
from lethe.linux import kernel as linux_kernel

# stress-ng and what its libraries are in, but for libc6
PACKAGES = ("stress-ng", "libapparmor1", "libbsd0", "libcrypt1", "libdrm2",
            "libegl1", "libexpat1", "libffi8", "libgbm1", "libgles2",
            "libglvnd0", "libipsec-mb1", "libjpeg62-turbo", "libjudydebian1",
            "libkmod2", "liblzma5", "libmd0", "libsctp1", "libssl3",
            "libwayland-server0", "libxxhash0", "libzstd1", "zlib1g")
FOLDERS = ("usr/lib/x86_64-linux-gnu", "lib/x86_64-linux-gnu")
LOADER = "lib64/ld-linux-x86-64.so.2"
HERE = pathlib.Path("/")


def unpacked(build_folder):
    """The folder with the files of all packages."""
    folder = pathlib.Path(build_folder) / "linux/stress-ng"
    root = folder / "root"
    if root.is_dir():
        return root
    folder.mkdir(parents=True, exist_ok=True)
    if linux_kernel.apt(folder, "apt-get", "download", *PACKAGES) is None:
        raise linux_kernel.Missing("apt-get could not download stress-ng and "
                                   "its libraries")
    part = folder / "part"
    for deb in sorted(folder.glob("*.deb")):
        subprocess.run(["dpkg-deb", "-x", deb, part], check=True)
    part.rename(root)
    return root


def needed(path):
    """The names of the libraries that an ELF file needs."""
    with open(path, "rb") as file:
        dynamic = ELFFile(file).get_section_by_name(".dynamic")
        return [tag.needed for tag in dynamic.iter_tags("DT_NEEDED")]


def find(root, name):
    """A library of the packages, or of this machine."""
    for top in (root, HERE):
        for folder in FOLDERS:
            if (top / folder / name).exists():
                return top / folder / name
    raise cli.Wrong(f"{name}: expected a library in the packages of "
                    "tools/lethe/linux_guest/programs.py, found none")


def files(build_folder):
    """{path in the initramfs: (bytes, executable)} of stress-ng."""
    root = unpacked(build_folder)
    program = root / "usr/bin/stress-ng"
    found = {"bin/stress-ng": program, LOADER: HERE / LOADER}
    todo = [program]
    while todo:
        for name in needed(todo.pop()):
            path = f"{FOLDERS[1]}/{name}"
            if path not in found and name not in LOADER:
                found[path] = find(root, name)
                todo.append(found[path])
    return {path: (source.read_bytes(), True)
            for path, source in found.items()}
