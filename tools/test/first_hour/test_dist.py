# SPDX-License-Identifier: MIT
"""Tests releases: `make dist` makes the same files again from the same commit,
and refuses to run where there is no clone."""

import os
import subprocess

from lethe import version
from lethe.machine import image
from lab import ROOT, python

TOP = f"lethe-{version.VERSION}"


def dist(root, *words):
    return subprocess.run(
        [*python("dist"), *map(str, words)],
        env=dict(os.environ, PYTHONPATH=str(root / "tools")), cwd=root,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, check=False)


def release(lab, name):
    folder = lab.links(lab.folder / name)
    done = dist(ROOT, "--build", folder, "--commit", "0123456789")
    found = {path.name: path.read_bytes() for path in folder.glob(f"{TOP}.*")}
    return folder, done, found


def unpack(folder, where):
    subprocess.run(["tar", "xzf", folder / f"{TOP}.tar.gz", "-C", where],
                   check=True)


def test_release(lab, check):
    folder, done, found = release(lab, "one")
    check("a release is made", done.returncode == 0 and len(found) == 6,
          (done.stdout, sorted(found)))
    again = release(lab, "two")[2]
    check("the same commit gives the same bytes", found == again,
          [name for name in found if found[name] != again.get(name)])
    sums = subprocess.run(["sha256sum", "-c", f"{TOP}.SHA256SUMS"], cwd=folder,
                          capture_output=True, text=True, check=False)
    check("its checksums hold", sums.returncode == 0 and
          sums.stdout.count(": OK\n") == 5, (sums.stdout, sums.stderr))
    listed = subprocess.run(
        ["mdir", "-b", "-i", f"{folder / TOP}.img@@1M", "::/lethe"],
        capture_output=True, text=True, check=False).stdout.split()
    check("the image has NOTICE, LICENSE, a configuration and the guest", {
        f"::/lethe/{name}" for name in
        ("NOTICE", "LICENSE", "lethe.conf", "guest.elf")} <= set(listed),
        listed)
    of_package(folder / f"{TOP}.deb", lab.folder / "installed", check)
    of_unpacked(lab, folder, check)


def of_package(path, where, check):
    """Checks the Debian package, and the program that it installs."""
    def said(*words):
        return subprocess.run(words, capture_output=True, text=True,
                              check=False).stdout

    listed = said("dpkg-deb", "-c", path)
    check("the package has the program, what boots, the documents", all(
        f" ./{name}\n" in listed for name in
        ("usr/bin/lethe-trace", "usr/lib/lethe/BOOTX64.EFI",
         "usr/lib/lethe/guest.elf", "usr/lib/lethe/lethe.conf",
         "usr/share/doc/lethe/docs/trace.md",
         "usr/share/doc/lethe/copyright")), listed)
    check("all its files belong to root and are from 1970", all(
        " root/root " in line and " 1970-01-01 " in line
        for line in listed.splitlines()), listed)
    control = said("dpkg-deb", "-f", path)
    check("it says what it needs", "Depends: libc6 (>= 2." in control and
          f"Version: {version.VERSION}\n" in control, control)
    subprocess.run(["dpkg-deb", "-x", path, where], check=True)
    program = where / "usr/bin/lethe-trace"
    check("its program runs", said(program, "--version") ==
          f"lethe-trace {version.VERSION}\n")


def of_unpacked(lab, folder, check):
    """Checks the unpacked archive in a folder of its own, and in the clone."""
    unpack(folder, lab.folder)
    commit = (lab.folder / TOP / "COMMIT").read_text()
    check("the archive says its commit", commit == "0123456789\n", commit)
    done = dist(lab.folder / TOP, "--check")
    check("without git it says so", done.returncode == 2 and
          done.stdout.endswith("found no git\n"), done)
    with image.Build(lab.o).run_folder("dist") as place:
        unpack(folder, place.path)
        done = dist(place.path / TOP, "--check")
        inside = str(place.path.resolve()).startswith(f"{ROOT.resolve()}/")
        check("inside another clone it says so", done.returncode == 2 and
              ("found a folder inside the clone" if inside
               else "found no git") in done.stdout, done)
