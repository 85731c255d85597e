# SPDX-License-Identifier: MIT
"""Makes a release, always the same bytes from the same commit: the source
archive, a disk image that boots the test guest, a Debian package, and their
checksums.

The archive holds the files that git tracks, and the file COMMIT, which names
the commit where there is no git. The image is the disk of docs/hardware.md;
LICENSE and NOTICE are in its folder \\lethe\\, and beside the image.
"""

import gzip
import hashlib
import io
import pathlib
import shutil
import subprocess
import tarfile
import tempfile

from lethe import cli, version
from lethe.machine import disk, image
from lethe.project import ROOT
from lethe.release import package

TERMS = ("LICENSE", "NOTICE")
# Only machines without ACPI need `poweroff`. Two VPs can also share one CPU.
CONFIG = """# The test guest on two CPUs: docs/config.md and docs/suite.md
[hypervisor]
panic = halt

[partition guest]
image = guest.elf
vps = 2
memory = 64M
cmdline = suite=boot,tour cpus=2 watchdog=40000000000
test-calls = yes
"""


def git(*words):
    """The output of git; empty if it fails."""
    done = subprocess.run(["git", *words], cwd=ROOT, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, check=False)
    return done.stdout.decode().strip("\n")


def check_clone():
    top = git("rev-parse", "--show-toplevel")
    if not top or pathlib.Path(top).resolve() != ROOT.resolve():
        raise cli.Wrong("expected the top folder of a git clone, because the "
                        "archive holds the files that git tracks, found "
                        + (f"a folder inside the clone {top}" if top
                           else "no git"))


def add(tar, name, data, executable=False):
    entry = tarfile.TarInfo(name)
    entry.size = len(data)
    entry.mode = 0o755 if executable else 0o644
    tar.addfile(entry, io.BytesIO(data))


def archive(path, top, commit):
    names = sorted(filter(None, git("ls-files", "-z").split("\0")))
    with open(path, "wb") as raw, \
            gzip.GzipFile("", "wb", fileobj=raw, mtime=0) as packed, \
            tarfile.open(fileobj=packed, mode="w") as tar:
        add(tar, f"{top}/COMMIT", f"{commit}\n".encode())
        for name in names:
            file = ROOT / name
            add(tar, f"{top}/{name}", file.read_bytes(),
                bool(file.stat().st_mode & 0o100))


def bootable(build, path):
    with tempfile.TemporaryDirectory(dir=build.folder) as name:
        content = pathlib.Path(name)
        shutil.copy(build.guest, content / "guest.elf")
        (content / "lethe.conf").write_text(CONFIG)
        for term in TERMS:
            shutil.copy(ROOT / term, content / term)
        disk.make(path, build.efi, content)


def checksums(path, files):
    path.write_text("".join(
        f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n"
        for file in files))


def main():
    parser = cli.Parser("dist", __doc__, build=True)
    parser.add_argument("--commit", help="content of COMMIT in the archive")
    parser.add_argument("--check", action="store_true",
                        help="only check whether a release can be made here")
    args = parser.parse_args()
    check_clone()
    if args.check:
        return
    build = image.Build(args.build)
    top = f"lethe-{version.VERSION}"
    files = [build.folder / f"{top}{end}"
             for end in (".tar.gz", ".img", ".deb")]
    sums = build.folder / f"{top}.SHA256SUMS"
    archive(files[0], top, args.commit)
    bootable(build, files[1])
    package.make(build, files[2], CONFIG)
    for term in TERMS:
        shutil.copy(ROOT / term, build.folder / f"{top}.{term}")
        files.append(build.folder / f"{top}.{term}")
    checksums(sums, files)
    print("\n".join(map(str, [*files, sums])))


if __name__ == "__main__":
    cli.main("dist", main)
