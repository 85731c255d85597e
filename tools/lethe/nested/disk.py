# SPDX-License-Identifier: MIT
"""Packs disk images for the initramfs: the first as its pages that are not
zero, the others as their pages that differ from the first. lines() makes the
shell lines that unpack an image, with `part` of boot.sh."""

PAGE = 4096


def ranges(data, base):
    """[[first page, end]] of the pages that differ from `base` or, beyond its
    end, from zero."""
    zero = bytes(PAGE)
    found = []
    for page in range(len(data) // PAGE):
        at = page * PAGE
        if data[at:at + PAGE] == (base[at:at + PAGE] or zero):
            continue
        if found and found[-1][1] == page:
            found[-1][1] += 1
        else:
            found.append([page, page + 1])
    return found


def pack(data, base=b""):
    """(bytes, [(skip, seek, count)]) of one image."""
    parts = []
    packed = []
    skip = 0
    for first, end in ranges(data, base):
        parts.append((skip, first, end - first))
        packed.append(data[first * PAGE:end * PAGE])
        skip += end - first
    return b"".join(packed), parts


def unpack(size, packs):
    """The unpacked image; does the same as the shell lines, for the tests."""
    image = bytearray(size)
    for data, parts in packs:
        for skip, seek, count in parts:
            image[seek * PAGE:(seek + count) * PAGE] = \
                data[skip * PAGE:(skip + count) * PAGE]
    return bytes(image)


def lines(path, parts):
    """Shell lines for one packed file."""
    return [f"data={path}", *("part {} {} {}".format(*x) for x in parts)]
