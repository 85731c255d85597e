# SPDX-License-Identifier: MIT
"""Files that a user adds to a run: lethe.conf, and PATH=FILE for a file that
lethe.conf names.

PATH may be spelled as in lethe.conf: `x`, `\\lethe\\x` and `/lethe/x` are the
same file.
"""

import pathlib
import re
import stat

from lethe import cli

CONFIG_MAX = 1 << 20
FILE_MAX = 1 << 30
PATH_MAX = 127  # CONFIG_PATH_MAX of include/config.h, without the final 0
FOLDER = "lethe/"
OWN = ("guest.elf", "lethe.conf", "lethe.elf")  # always on the volume
# The printable ASCII characters that FAT allows in a name, and slashes
GOOD = re.compile(r'^[^\0-\x1f"*:<>?|\x7f-\U0010ffff]+$')


def read(path, most):
    """The bytes of a regular file of at most `most` bytes."""
    path = pathlib.Path(path)
    try:
        about = path.stat()
        if not stat.S_ISDIR(about.st_mode) and not stat.S_ISREG(about.st_mode):
            raise cli.Wrong(f"{path}: expected a file, found a device or pipe")
        if about.st_size > most:
            raise cli.Wrong(f"{path}: expected at most {most} bytes, found "
                            f"{about.st_size}")
        return path.read_bytes()
    except ValueError as error:
        if isinstance(error, cli.Wrong):
            raise
        raise cli.Wrong(f"expected the name of a file, found `{path!r}`") \
            from error


def config(path):
    """The bytes of a lethe.conf, which may be in any encoding."""
    return read(path, CONFIG_MAX)


def normal(path):
    """A path relative to the folder \\lethe of the volume; None if it is
    outside this folder."""
    path = re.sub("/+", "/", path.replace("\\", "/"))
    if path.startswith("/"):
        path = path[1:]
        if path[:len(FOLDER)].lower() != FOLDER:
            return None
        path = path[len(FOLDER):]
    parts = path.split("/")
    if not all(parts) or {".", ".."} & set(parts):
        return None
    return path


def split(word):
    """(path, file) of a word PATH=FILE."""
    path, equals, source = word.partition("=")
    if not equals or not path or not source:
        raise cli.Wrong(f"expected PATH=FILE, found `{word}`")
    if len(path) > PATH_MAX or not GOOD.match(path):
        raise cli.Wrong(f"`{path}`: expected a path of at most {PATH_MAX} "
                        "printable ASCII characters without \"*:<>?|")
    return path, source


class Volume:
    """The names on a FAT volume, where upper and lower case are the same."""

    def __init__(self):
        self.files = {}  # in lower case, as FAT compares it → as spelled
        self.folders = {}

    def spelled(self, path, names):
        old = names.setdefault(path.lower(), path)
        if old != path:
            raise cli.Wrong(f"`{path}` and `{old}`: expected names that differ "
                            "in more than upper and lower case; FAT takes them "
                            "for the same name")

    def add(self, path):
        """Adds a file and its folders; the file may be there already."""
        parts = path.split("/")
        for count in range(1, len(parts)):
            self.spelled("/".join(parts[:count]), self.folders)
        self.spelled(path, self.files)
        both = self.files.keys() & self.folders.keys()
        for name in sorted(both):
            raise cli.Wrong(f"`{self.files[name]}`: expected a file or a "
                            "folder of that name, found both")


def pairs(words):
    """{path below \\lethe: bytes} of PATH=FILE words."""
    found = {}
    volume = Volume()
    for name in OWN:
        volume.add(name)
    for word in words:
        path, source = split(word)
        inside = normal(path)
        if inside is None:
            raise cli.Wrong(f"`{path}`: expected a path in the folder \\lethe, "
                            "as in x, \\lethe\\x or /lethe/x")
        if inside.lower() == "lethe.conf":
            raise cli.Wrong("lethe.conf: expected --config FILE for this file, "
                            "found --file")
        volume.add(inside)
        found[inside] = read(source, FILE_MAX)
    return found
