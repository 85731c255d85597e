# SPDX-License-Identifier: MIT
"""Checks the order of folders: a file includes its own folder and those before
it. hv/core/files.mk has the order of the folders of hv/common and hv/core,
hv/test/files.mk that of hv/test, and guest-test/files.mk that of guest-test and
that of the files of guest-test/kernel. No other folder includes a suite of
guest-test, a unit test, a fuzz target or the explorer. Each folder has a
README; those of hv/test/unit share one.
"""

import pathlib
import re

from lethe.project import ROOT

INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.MULTILINE)
README_MAX = 15


def words(makefile, variable):
    """What the Makefile assigns to the variable, in its order."""
    found = re.search(rf"^{variable} := ((?:.*\\\n)*.*)$",
                      (ROOT / makefile).read_text(), re.MULTILINE)
    return tuple(found[1].replace("\\\n", " ").split()) if found else ()


def readme(folder):
    """What is wrong with its README"""
    path = ROOT / folder / "README.md"
    if not path.exists():
        yield f"{folder}: expected a README.md, found none"
    elif path.read_text().count("\n") > README_MAX:
        yield f"{folder}/README.md: expected at most {README_MAX} lines"


class Tree:
    """A part of the project whose folders have an order."""

    def __init__(self, top, makefile, variable, parts, apart, depth=2):
        self.top = top
        self.makefile = makefile
        self.parts = parts  # folders of `top` that belong to it
        self.apart = apart  # prefixes of folders that no other folder includes
        self.depth = depth  # levels of folders; deeper ones belong to theirs
        self.folders = words(makefile, variable)

    def cut(self, path):
        """The folder, as the list has it, of a path below `top`"""
        return "/".join(path.parts[:-1][:self.depth])

    def folder(self, path):
        """The folder of a file that belongs to the tree, else None."""
        if not path.is_relative_to(self.top):
            return None
        below = path.relative_to(self.top)
        return self.cut(below) if below.parts[0] in self.parts else None

    def includes(self, path, text):
        """Complaints about one file's includes"""
        mine = self.folder(path)
        if mine not in self.folders:
            yield (f"expected {self.top}/{mine} in the list of folders of "
                   f"{self.makefile}, found none")
            return
        for name in INCLUDE.findall(text):
            other = self.cut(pathlib.PurePath(name))
            if name.partition("/")[0] not in self.parts:
                continue
            if other not in self.folders[:self.folders.index(mine) + 1]:
                yield (f"includes {name}: {other} does not come before {mine} "
                       f"in {self.makefile}")
            elif other != mine and other.startswith(self.apart):
                yield f"includes {name}: no other folder may include {other}"

    def check(self):
        """What is wrong with the folders themselves"""
        root = ROOT / self.top
        real = {self.cut(path.relative_to(root)) for part in self.parts
                for path in (root / part).rglob("*.[chS]")}
        for name in self.folders:
            if name not in real:
                yield (f"{self.top}/{name}: expected a folder with C files, "
                       f"as {self.makefile} lists it, found none")
        for name in sorted(real):
            yield from readme(f"{self.top}/{name}")


GUEST = "guest-test/files.mk"
TREES = (
    Tree("hv", "hv/core/files.mk", "core-folders", ("common", "core"), ()),
    Tree("hv/test", "hv/test/files.mk", "test-folders",
         {path.name for path in (ROOT / "hv/test").iterdir() if path.is_dir()},
         ("explorer", "fuzz", "unit"), depth=1),
    Tree("guest-test", GUEST, "guest-folders",
         {path.name for path in (ROOT / "guest-test").iterdir()
          if path.is_dir()}, ("suites/",)),
)
# More folders that need a README
OTHERS = ("bench", "boot", "boot/guest", "boot/rom", "guest-test", "hv",
          "hv/core", "hv/vmx", "hv/x86", "include", "tests")
KERNEL = words(GUEST, "guest-kernel-files")


def kernel_order(path, text):
    """Complaints about one file's includes in guest-test/kernel, where the
    files (without their suffixes) have an order"""
    if path.parts[:2] != ("guest-test", "kernel") or \
            path.suffix not in (".c", ".h"):
        return
    if path.stem not in KERNEL:
        yield (f"expected {path.stem} in guest-kernel-files of {GUEST}, found "
               "none")
        return
    for name in INCLUDE.findall(text):
        other = pathlib.PurePath(name)
        if other.parts[0] == "kernel" and other.stem not in \
                KERNEL[:KERNEL.index(path.stem) + 1]:
            yield (f"includes {name}: {other.stem} does not come before "
                   f"{path.stem} in {GUEST}")


def folder_order(path, text):
    """Complaints about one file's includes, for rules.py"""
    for tree in TREES:
        if tree.folder(path) is not None and \
                path.suffix in (".c", ".h", ".S", ".inc"):
            yield from tree.includes(path, text)
    yield from kernel_order(path, text)


def check():
    """What is wrong with the folders themselves, for lint/run.py"""
    return [*(why for tree in TREES for why in tree.check()),
            *(why for folder in OTHERS for why in readme(folder))]
