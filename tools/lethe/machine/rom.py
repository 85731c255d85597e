# SPDX-License-Identifier: MIT
"""Makes the test ROM image: first an archive of files, at the end the loader.

boot/rom/rom_archive.h describes the archive. Bochs 2.7 accepts a ROM of at most
2 MiB whose size is a power of two, and maps it so that it ends at 4 GiB; the
loader expects 2 MiB.
"""

import pathlib
import struct

from lethe import cli
from lethe.machine import more_files

ROM_SIZE = 2 << 20
LOADER_SIZE = 128 << 10
PAGE = 4096
PATH_MAX = 128
CPUS_MAX = 64  # include/handoff.h
MAGIC = b"LETHEROM"
HEADER = struct.Struct("<8sII")
ENTRY = struct.Struct(f"<{PATH_MAX}sII")


def build(loader, cpus, files):
    """The image as bytes; `files` maps archive paths to bytes."""
    if len(loader) != LOADER_SIZE:
        raise cli.Wrong(f"loader: expected {LOADER_SIZE} bytes, as build/rom/"
                        f"rom.bin has, found {len(loader)}")
    table = HEADER.pack(MAGIC, cpus, len(files))
    at = len(table) + ENTRY.size * len(files)
    body = b""
    base = -(-at // PAGE) * PAGE
    for path, data in sorted(files.items()):
        if len(path.encode()) >= PATH_MAX:
            raise cli.Wrong(f"{path}: expected a path of at most "
                            f"{PATH_MAX - 1} bytes, found a longer one")
        table += ENTRY.pack(path.encode(), base + len(body), len(data))
        body += data + bytes(-len(data) % PAGE)
    image = table.ljust(base, b"\0") + body
    room = ROM_SIZE - LOADER_SIZE
    if len(image) > room:
        raise cli.Wrong(f"expected files of at most {room} bytes in the ROM, "
                        f"found {len(image)}; use the UEFI loader for more")
    return image.ljust(room, b"\0") + loader


def main():
    parser = cli.Parser("mkrom", __doc__)
    parser.add_argument("image", type=pathlib.Path, help="file to write")
    parser.add_argument("loader", help="the loader, build/rom/rom.bin")
    parser.add_argument("--cpus", type=cli.number(1, CPUS_MAX), default=1,
                        metavar="N", help="number of CPUs (%(default)s)")
    parser.add_argument("files", nargs="+", metavar="PATH=FILE",
                        help="PATH as in lethe.conf; lethe.conf and "
                        "lethe.elf must be among them")
    args = parser.parse_args()
    files = {}
    for word in args.files:
        path, source = more_files.split(word)
        files[path] = more_files.read(source, more_files.FILE_MAX)
    loader = more_files.read(args.loader, more_files.FILE_MAX)
    args.image.write_bytes(build(loader, args.cpus, files))


if __name__ == "__main__":
    cli.main("mkrom", main)
