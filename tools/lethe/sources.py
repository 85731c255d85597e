# SPDX-License-Identifier: MIT
"""Which files the project has, and how each is compiled."""

import shlex
import subprocess

from lethe.project import ROOT

SKIPPED = {"build", ".git"}
NOT_C = "docs"  # its .h files are parts of the Spin models

# Path prefix → the Makefile's variables with the flags; the first match wins.
# boot/ holds three programs. hv/common is compiled for other programs too, but
# is checked only with the hypervisor's flags.
FLAGS = (
    ("hv/common/", ("hv-cflags", "pure")),
    ("hv/core/", ("hv-cflags", "pure")),
    ("hv/test/", ("unit-cflags", "test-includes")),
    ("hv/", ("hv-cflags",)),
    ("boot/rom/", ("rom-cflags",)),
    ("boot/guest/", ("guest-efi-cflags",)),
    ("boot/", ("boot-cflags",)),
    ("guest-test/linux/", ("linux-init-cflags",)),
    ("guest-test/", ("guest-cflags",)),
    ("include/", ("hv-cflags",)),
    ("tools/kvm-run/", ("kvm-run-cflags",)),
    ("tools/lethe-trace/", ("lethe-trace-cflags",)),
)


def walk():
    """The relative paths of all files except build results, sorted."""
    found = []
    for top in sorted(ROOT.iterdir()):
        if top.name in SKIPPED:
            continue
        paths = [top] if top.is_file() else top.rglob("*")
        found += [path.relative_to(ROOT) for path in paths
                  if path.is_file() and "__pycache__" not in path.parts]
    return sorted(found)


class Flags:
    """The compiler flags of files; asks make once for each variable."""

    def __init__(self, build):
        self.build = build
        self.known = {}

    def variable(self, name):
        if name not in self.known:
            told = subprocess.run(
                ["make", "-s", "--no-print-directory", f"O={self.build}",
                 f"print-{name}"], cwd=ROOT, check=True,
                stdout=subprocess.PIPE, text=True).stdout
            self.known[name] = shlex.split(told)
        return self.known[name]

    def of(self, path):
        for prefix, names in FLAGS:
            if str(path).startswith(prefix):
                return [flag for name in names for flag in self.variable(name)]
        raise ValueError(f"{path}: expected a row of FLAGS in "
                         "tools/lethe/sources.py for its folder, found none")
