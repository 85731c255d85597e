# SPDX-License-Identifier: MIT
"""Builds copies of the source tree in two folders and compares the results byte
by byte.
"""

import os
import pathlib
import shutil
import subprocess
import sys

from lethe import cli
from lethe.project import ROOT
from lethe.sources import walk

# Names of different lengths: if a path gets into a result, all after it moves
FOLDERS = ("a", "another-folder-with-a-longer-name")
RESULTS = ("hv/lethe.elf", "hv/lethe.debug", "guest/guest.elf",
           "boot/BOOTX64.EFI", "rom/rom.bin", "guest-efi/BOOTX64.EFI",
           "kvm-run/kvm-run", "lethe-trace/lethe-trace")


def build(folder):
    shutil.rmtree(folder, ignore_errors=True)
    for path in walk():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / path, target)
    done = subprocess.run(["make", "--no-print-directory", "-j2", "O=build",
                           "all"], cwd=folder, check=False, text=True,
                          env=dict(os.environ, MAKEFLAGS=""),
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT)
    if done.returncode != 0:
        sys.exit(f"{done.stdout[-4000:]}\n"
                 f"reproducible: the build in {folder} failed")


def main():
    parser = cli.Parser("repro", __doc__, build=True)
    args = parser.parse_args()
    base = pathlib.Path(args.build).resolve() / "repro"
    folders = [base / name for name in FOLDERS]
    failed = 0
    for folder in folders:
        build(folder)
    for name in RESULTS:
        one, two = ((folder / "build" / name).read_bytes()
                    for folder in folders)
        failed += one != two
        print(f"reproducible: {name} {'ok' if one == two else 'DIFFERS'}")
    if not failed:
        shutil.rmtree(base)
    print(f"{len(RESULTS) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    cli.main("repro", main)
