# SPDX-License-Identifier: MIT
"""Debian's kernels, as their packages have them, or unpacked on this machine.

KERNELS names the packages. Each is downloaded by `apt-get download` into a
folder of its own and unpacked there; nothing is installed.
"""

import dataclasses
import gzip
import hashlib
import lzma
import pathlib
import re
import shutil
import struct
import subprocess
import tarfile

from lethe import cli
from lethe.linux import kernel as linux_kernel

SECTOR = 512
# Linux, Documentation/arch/x86/boot.rst, "The Real-Mode Kernel Header"
SETUP_SECTS = 0x1F1
MAGIC_AT = 0x202
MAGIC = b"HdrS"
PAYLOAD_AT = 0x248  # offset and length
SETUP_SECTS_OLD = 4  # what 0 stands for

PACKED = {b"\x1f\x8b": gzip.decompress}
BY_TOOL = {b"\x02\x21\x4c\x18": "lz4", b"\x28\xb5\x2f\xfd": "zstd"}
XZ = b"\xfd7zXZ"


@dataclasses.dataclass(frozen=True)
class Source:
    """A package: a meta package of apt that depends on it, and what its
    version begins with."""

    meta: str
    series: str
    release: str = ""  # of Debian, where apt needs to be told


KERNELS = {
    "cloud": Source("linux-image-cloud-amd64", "6.1."),
    "rt": Source("linux-image-rt-amd64", "6.1."),
    "cloud-6.12": Source("linux-image-cloud-amd64", "6.12.",
                         "bookworm-backports"),
}


def depends(source):
    """The package that the meta package of apt depends on, or None."""
    words = [*(["-t", source.release] if source.release else []), source.meta]
    text = linux_kernel.apt(".", "apt-cache", "show", "--no-all-versions",
                            *words) or ""
    found = re.search(r"^Depends: (linux-image-[\w.+-]+)", text, re.MULTILINE)
    return found[1] if found else None


def downloaded(folder):
    """The newest package in the folder, or None."""
    found = sorted(folder.glob("linux-image-*.deb"),
                   key=lambda path: path.stat().st_mtime)
    return found[-1] if found else None


def get(build_folder, name):
    """The linux.kernel.Kernel of a row of KERNELS. Raises Missing, with the
    reason, if apt has no such package."""
    source = KERNELS[name]
    if name == "cloud":  # the one that is pinned
        return linux_kernel.get(build_folder)
    folder = pathlib.Path(build_folder) / "linux" / name
    folder.mkdir(parents=True, exist_ok=True)
    deb = downloaded(folder)
    if not deb:
        package = depends(source)
        if package is None:
            raise linux_kernel.Missing(f"apt offers no {source.meta}"
                                       f" {source.release}".rstrip())
        linux_kernel.apt(folder, "apt-get", "download", package)
        deb = downloaded(folder)
    if not deb:
        raise linux_kernel.Missing(f"{package} was not downloaded")
    package, version = deb.name.split("_")[:2]
    if not version.startswith(source.series):
        raise linux_kernel.Missing(f"expected Linux {source.series}x, apt "
                                   f"offers {package} {version}")
    return linux_kernel.Kernel(package, version, deb, linux_kernel.unpack(deb))


def sha256_in_package(kernel):
    """The SHA-256 of vmlinuz, read from the package itself."""
    wanted = f"./boot/{kernel.vmlinuz.name}"
    with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", kernel.deb],
                          stdout=subprocess.PIPE) as process:
        with tarfile.open(fileobj=process.stdout, mode="r|") as tar:
            for member in tar:
                if member.name == wanted:
                    data = tar.extractfile(member).read()
                    break
            else:
                raise cli.Wrong(f"{kernel.deb}: expected {wanted}, found none")
        process.kill()
    return hashlib.sha256(data).hexdigest()


def payload(image):
    """The compressed kernel in a bzImage."""
    if image[MAGIC_AT:MAGIC_AT + 4] != MAGIC:
        raise cli.Wrong("expected a Linux bzImage, found another file")
    sectors = image[SETUP_SECTS] or SETUP_SECTS_OLD
    at, size = struct.unpack_from("<II", image, PAYLOAD_AT)
    at += (sectors + 1) * SECTOR
    return image[at:at + size]


def by_tool(tool, data):
    if not shutil.which(tool):
        raise linux_kernel.Missing(f"expected the program {tool} to unpack "
                                   "the kernel, found none")
    done = subprocess.run([tool, "-dc"], input=data, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return done.stdout  # the size after the payload is no data: a complaint


def vmlinux(image):
    """The ELF file in a bzImage."""
    data = payload(image)
    found = None
    if data.startswith(XZ):
        # what follows is the size, which the decompressor does not take
        found = lzma.LZMADecompressor().decompress(data)
    for start, tool in BY_TOOL.items():
        if data.startswith(start):
            found = by_tool(tool, data)
    for start, unpack in PACKED.items():
        if data.startswith(start):
            found = unpack(data[:-4])
    if not found or found[:4] != b"\x7fELF":
        raise cli.Wrong("expected a kernel packed by LZ4, XZ, gzip or zstd, "
                        f"found a payload that begins with {data[:6].hex()}")
    return found
