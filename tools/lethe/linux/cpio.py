# SPDX-License-Identifier: MIT
"""Writes a newc cpio archive, the format of Linux's initramfs. This needs no
root, because owners, times and device nodes are fields of the header."""

import pathlib
import stat

FIELDS = 13
ALIGN = 4
TRAILER = "TRAILER!!!"
CONSOLE = (5, 1)  # Linux, Documentation/admin-guide/devices.txt


def entry(number, name, mode, data=b"", device=(0, 0)):
    encoded = name.encode() + b"\0"
    links = 2 if stat.S_ISDIR(mode) else 1
    values = (number, mode, 0, 0, links, 0, len(data), 0, 0, *device,
              len(encoded), 0)
    assert len(values) == FIELDS
    head = b"070701" + b"".join(b"%08x" % value for value in values) + encoded
    return head + bytes(-len(head) % ALIGN) + data + bytes(-len(data) % ALIGN)


def folders(paths):
    """Every folder above the paths, outer ones first."""
    found = set()
    for path in paths:
        found.update(pathlib.PurePosixPath(path).parents)
    return sorted(str(path) for path in found if path.name)


def archive(files, links=None, empty=()):
    """The archive's bytes. `files`: path → (bytes, executable); `links`: path →
    target; `empty`: folders. Paths are relative. The same input gives the same
    bytes."""
    links = links or {}
    parts = []

    def add(*words, **more):
        parts.append(entry(len(parts) + 1, *words, **more))

    everything = [*files, *links, "dev/console", *(f"{x}/x" for x in empty)]
    for path in folders(everything):
        add(path, stat.S_IFDIR | 0o755)
    add("dev/console", stat.S_IFCHR | 0o600, device=CONSOLE)
    for path, (data, executable) in sorted(files.items()):
        add(path, stat.S_IFREG | (0o755 if executable else 0o644), data)
    for path, target in sorted(links.items()):
        add(path, stat.S_IFLNK | 0o777, target.encode())
    parts.append(entry(0, TRAILER, 0))
    return b"".join(parts)
