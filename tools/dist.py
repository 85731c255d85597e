# SPDX-License-Identifier: MIT
"""Packs the files that git knows into a source archive, always alike."""

import gzip
import pathlib
import subprocess
import tarfile
import cli
import version


def main():
    parser = cli.Parser(prog="dist", description=__doc__)
    version.add(parser)
    parser.add_argument("--build", default="build", metavar="FOLDER")
    parser.add_argument("version")
    args = parser.parse_args()
    listed = subprocess.run(["git", "ls-files", "-z"], check=True,
                            stdout=subprocess.PIPE).stdout.decode()
    top = f"lethe-{args.version}"
    path = pathlib.Path(args.build) / f"{top}.tar.gz"
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "wb") as raw, \
            gzip.GzipFile("", "wb", fileobj=raw, mtime=0) as packed, \
            tarfile.open(fileobj=packed, mode="w") as tar:
        for name in sorted(filter(None, listed.split("\0"))):
            entry = tar.gettarinfo(name, f"{top}/{name}")
            entry.uid = entry.gid = entry.mtime = 0
            entry.uname = entry.gname = ""
            entry.mode = 0o755 if entry.mode & 0o100 else 0o644
            with open(name, "rb") as file:
                tar.addfile(entry, file)
    print(path)


if __name__ == "__main__":
    cli.main("dist", main)
