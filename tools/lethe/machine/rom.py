# SPDX-License-Identifier: MIT
"""Makes the test ROM image: first an archive of files, at the end the loader.

boot/rom/rom_archive.h describes the archive. Bochs 2.7 accepts a ROM of at most
2 MiB whose size is a power of two, and maps it so that it ends at 4 GiB; the
loader expects 2 MiB. The largest files are on a disk if the ROM has no room for
all.
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
IN_ROM = ("lethe.conf", "lethe.elf")  # always
CYLINDER = 16 * 63 * 512  # of Bochs's geometry: a disk has whole ones
MAGIC = b"LETHEROM"
HEADER = struct.Struct("<8sII")
ENTRY = struct.Struct(f"<{PATH_MAX}sII")


def pages(data):
    """`data` with zeros up to the end of a page."""
    return data + bytes(-len(data) % PAGE)


def split(files):
    """The paths for the ROM and those for the disk: the largest ones, as many
    as the ROM has no room for."""
    room = ROM_SIZE - LOADER_SIZE - len(pages(bytes(
        HEADER.size + ENTRY.size * len(files))))
    room -= sum(len(pages(data)) for data in files.values())
    on_disk = []
    for path in sorted(files, key=lambda path: (-len(files[path]), path)):
        if room < 0 and path not in IN_ROM:
            on_disk.append(path)
            room += len(pages(files[path]))
    return sorted(set(files) - set(on_disk)), sorted(on_disk)


def place(files, paths, base):
    """(rows of the table, data) of files that lie one after the other from
    `base` on."""
    table = data = b""
    for path in paths:
        if len(path.encode()) >= PATH_MAX:
            raise cli.Wrong(f"{path}: expected a path of at most "
                            f"{PATH_MAX - 1} bytes, found a longer one")
        table += ENTRY.pack(path.encode(), base + len(data), len(files[path]))
        data += pages(files[path])
    return table, data


def build(loader, cpus, files):
    """The content of the ROM and of the disk, which may be empty; `files` maps
    archive paths to bytes."""
    if len(loader) != LOADER_SIZE:
        raise cli.Wrong(f"loader: expected {LOADER_SIZE} bytes, as build/rom/"
                        f"rom.bin has, found {len(loader)}")
    head = len(pages(bytes(HEADER.size + ENTRY.size * len(files))))
    in_rom, on_disk = split(files)
    table, data = place(files, in_rom, head)
    more, disk = place(files, on_disk, ROM_SIZE)
    image = pages(HEADER.pack(MAGIC, cpus, len(files)) + table + more) + data
    room = ROM_SIZE - LOADER_SIZE
    if len(image) > room:
        raise cli.Wrong(f"expected lethe.conf and lethe.elf of at most {room} "
                        f"bytes in the ROM, found {len(image)}")
    return (image.ljust(room, b"\0") + loader,
            disk + bytes(-len(disk) % CYLINDER))


def main():
    parser = cli.Parser("mkrom", __doc__)
    parser.add_argument("image", type=pathlib.Path,
                        help="file to write; a disk for what it has no room "
                        "for gets the suffix .disk")
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
    image, disk = build(loader, args.cpus, files)
    args.image.write_bytes(image)
    if disk:
        args.image.with_suffix(".disk").write_bytes(disk)


if __name__ == "__main__":
    cli.main("mkrom", main)
