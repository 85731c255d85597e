# SPDX-License-Identifier: MIT
"""Makes a disk image with one EFI system partition (GPT, FAT32).

The same input gives the same bytes: identifiers are fixed, and every time
stamp is SOURCE_DATE_EPOCH (1980-01-01 if unset). Uses mtools and sgdisk; needs
neither root nor a loop device.
"""

from lethe import cli  # first: until it has run, Ctrl-C gives a traceback

import os
import pathlib
import subprocess

from lethe.machine import more_files

SECTOR = 512
START = 2048  # first sector of the partition: 1 MiB
GPT_END = 34  # sectors after the partition: backup GPT and its header
FAT_EPOCH = 315532800  # 1980-01-01, the first day that FAT can store
SIZE_MIN = 64  # MiB; FAT32 needs 65525 clusters
SIZE_MAX = 1 << 20
DISK_GUID = "6c657468-6500-4000-8000-000000000001"
PART_GUID = "6c657468-6500-4000-8000-000000000002"
VOLUME_ID = "4c455448"
BOOTS = "EFI/BOOT/BOOTX64.EFI"  # what firmware starts by default


def arguments():
    parser = cli.Parser("mkdisk", __doc__)
    parser.add_argument("image", type=pathlib.Path, help="file to write")
    parser.add_argument("efi", type=pathlib.Path, help="the UEFI application")
    parser.add_argument("folder", type=pathlib.Path,
                        help="its content is copied to \\lethe\\ on the disk")
    parser.add_argument("--startup", type=pathlib.Path, metavar="FILE",
                        help="add FILE as \\startup.nsh")
    parser.add_argument("--efi-path", default=BOOTS,
                        metavar="PATH",
                        help="path of the application on the disk "
                        "(%(default)s); with another path the firmware starts "
                        "its shell")
    parser.add_argument("--size", type=cli.number(SIZE_MIN, SIZE_MAX),
                        metavar="MIB",
                        help="size of the disk (default: as large as needed)")
    return parser.parse_args()


def contents(efi, folder, startup, efi_path):
    """[(path on the disk, local file)], sorted; folders have no entry."""
    files = [(pathlib.PurePosixPath(efi_path), efi)]
    for path in folder.rglob("*"):
        if path.is_file():
            inside = path.relative_to(folder)
            files.append((pathlib.PurePosixPath("lethe", *inside.parts), path))
    if startup:
        if not startup.is_file():
            raise cli.Wrong(f"{startup}: expected a file, found none")
        files.append((pathlib.PurePosixPath("startup.nsh"), startup))
    volume = more_files.Volume()
    seen = set()
    for target, _ in files:
        volume.add(str(target))
        if target in seen:
            raise cli.Wrong(f"`{target}`: expected one file of that name, "
                            "found two")
        seen.add(target)
    return sorted(files)


def run(folder, *command):
    """Runs a command in `folder`, so that it gets names without a path:
    mtools would expand a `$` in it."""
    word = os.environ.get("SOURCE_DATE_EPOCH", "0")
    if not word.isdecimal():
        raise cli.Wrong(f"SOURCE_DATE_EPOCH: expected a number "
                        f"of seconds, found `{word}`")
    env = dict(os.environ, TZ="UTC0",
               SOURCE_DATE_EPOCH=str(max(int(word), FAT_EPOCH)),
               LC_ALL="C", MTOOLS_SKIP_CHECK="1", MTOOLSRC=os.devnull,
               PATH=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    done = subprocess.run([str(word) for word in command], env=env, text=True,
                          cwd=folder, errors="replace",
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False)
    if done.returncode != 0:
        raise cli.Wrong(f"{command[0]} ended with status {done.returncode}: "
                        + " ".join(done.stdout.split()))


def size_mib(files, asked):
    """The size of the disk in MiB: the files, a tenth of that for the FAT and
    for unused ends of clusters, and 4 MiB for the start of the disk and the
    backup GPT."""
    need = sum(path.stat().st_size for _, path in files)
    need = int(need * 1.1) // 2**20 + 4
    size = asked or max(SIZE_MIN, need)
    if size < need:
        raise cli.Wrong(f"--size: expected at least {need} MiB for these "
                        f"files, found {size}")
    return size


def write_image(image, files, size):
    sectors = size * 2**20 // SECTOR
    last = sectors - GPT_END
    with open(image, "wb") as disk:
        disk.truncate(size * 2**20)
    place = image.parent
    run(place, "sgdisk", "-a", 1, "-n", f"1:{START}:{last}", "-t", "1:EF00",
        "-c", "1:lethe", "-U", DISK_GUID, "-u", f"1:{PART_GUID}", image.name)
    drive = f"{image.name}@@{START * SECTOR}"
    run(place, "mformat", "-i", drive, "-F", "-T", last - START + 1, "-h", 255,
        "-s", 63, "-H", START, "-N", VOLUME_ID, "-v", "LETHE", "::")
    made = set()
    for target, source in files:
        for folder in reversed(target.parents[:-1]):
            if folder not in made:
                run(place, "mmd", "-i", drive, f"::/{folder}")
                made.add(folder)
        run(place, "mcopy", "-i", drive, source.resolve(), f"::/{target}")


def make(image, efi, folder, startup=None, efi_path=BOOTS, size=None):
    """Writes the image; the arguments are those of the command line."""
    if not folder.is_dir():
        raise cli.Wrong(f"{folder}: expected a folder, found none")
    if not efi.is_file():
        raise cli.Wrong(f"{efi}: expected a UEFI application, found none")
    files = contents(efi, folder, startup, efi_path)
    part = image.with_name(image.name + ".part")
    try:
        write_image(part, files, size_mib(files, size))
        part.replace(image)
    finally:
        part.unlink(missing_ok=True)


def main():
    make(**vars(arguments()))


if __name__ == "__main__":
    cli.main("mkdisk", main)
