# SPDX-License-Identifier: MIT
"""Gets Debian's cloud kernel: downloads the package that kernel.txt names with
`apt-get download`, and unpacks it under the build folder. Nothing is installed.
"""

import dataclasses
import hashlib
import pathlib
import re
import shutil
import subprocess

from lethe import cli

PINNED = pathlib.Path(__file__).resolve().parent / "kernel.txt"
META = "linux-image-cloud-amd64"
SERIES = "6.1."
NAME = re.compile(r"^(linux-image-[^_]+-cloud-amd64)_([^_]+)_amd64\.deb$")
SECONDS = 300


class Missing(cli.Wrong):
    """There is no kernel and none could be downloaded."""


def sha256(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@dataclasses.dataclass
class Kernel:
    """An unpacked package; `note` says how it differs from the tested one."""

    package: str
    version: str
    deb: pathlib.Path
    root: pathlib.Path
    note: str = ""

    @property
    def vmlinuz(self):
        return next(self.root.glob("boot/vmlinuz-*"))

    def module(self, name):
        found = list(self.root.glob(f"lib/modules/*/kernel/**/{name}.ko"))
        if len(found) != 1:
            raise Missing(f"{self.package}: expected one module {name}, found "
                          f"{len(found)}")
        return found[0]

    def report(self):
        """Lines for a report that identify the kernel exactly."""
        return [f"kernel {self.package} {self.version}",
                f"kernel sha256 package {sha256(self.deb)}",
                f"kernel sha256 vmlinuz {sha256(self.vmlinuz)}",
                *([f"kernel note {self.note}"] if self.note else [])]


def pinned():
    """(package, version) of the tested kernel."""
    rows = dict(line.split() for line in PINNED.read_text().splitlines()
                if line and not line.startswith("#"))
    return rows["package"], rows["version"]


def apt(folder, *words):
    """The output, or None if apt could not."""
    try:
        done = subprocess.run(words, cwd=folder, text=True, check=False,
                              stdin=subprocess.DEVNULL, capture_output=True,
                              timeout=SECONDS)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None


def candidate(folder):
    """The package that apt offers as Debian's cloud kernel."""
    text = apt(folder, "apt-cache", "depends", "--important", META) or ""
    found = re.search(r"Depends: (linux-image-\S+-cloud-amd64)", text)
    return found[1] if found else None


def versions(folder):
    """{(package, version): file} of the packages that were downloaded."""
    found = ((NAME.match(path.name), path) for path in
             sorted(folder.glob("linux-image-*.deb")))
    return {(name[1], name[2].replace("%3a", ":")): path
            for name, path in found if name}


def newest(have):
    return max(have, key=lambda key: have[key].stat().st_mtime)


def download(folder, what):
    """The (package, version) of `what`, a package or package=version; None."""
    if apt(folder, "apt-get", "download", what) is None:
        return None
    name, _, version = what.partition("=")
    have = {key: path for key, path in versions(folder).items()
            if key[0] == name and version in ("", key[1])}
    return newest(have) if have else None


def unpack(deb):
    """The folder with the package's files. It gets its name once complete, so
    an interrupted run leaves no incomplete one."""
    root = deb.with_suffix("")
    if not root.is_dir():
        part = deb.with_suffix(".part")
        shutil.rmtree(part, ignore_errors=True)
        subprocess.run(["dpkg-deb", "-x", deb, part], check=True)
        part.rename(root)
    return root


def get(build_folder):
    """The tested kernel if it is there or can be downloaded; else the one that
    apt offers; else what was downloaded before."""
    folder = pathlib.Path(build_folder) / "linux"
    folder.mkdir(parents=True, exist_ok=True)
    wanted = pinned()
    note = ""
    key = wanted
    if key not in versions(folder):
        key = download(folder, "=".join(wanted))
    if key is None:
        name = candidate(folder)
        key = download(folder, name) if name else None
    have = versions(folder)
    if key is None and have:
        key = newest(have)
        note = "download failed, an earlier one is used; "
    if key is None:
        raise Missing(f"expected {wanted[0]} from apt-get download or an "
                      f"earlier package in {folder}, found neither; check "
                      "the network and run apt-get update")
    if key != wanted:
        if not key[1].startswith(SERIES):
            raise Missing(f"expected Linux {SERIES}x, found {key[0]} {key[1]}")
        note += f"not the tested {wanted[1]}"
    kernel = Kernel(*key, have[key], unpack(have[key]), note.strip("; "))
    if kernel.note:
        print(f"linux: warning: {key[0]} {key[1]}: {kernel.note}", flush=True)
    return kernel
