# SPDX-License-Identifier: MIT
"""The symbols that a Linux kernel carries for its own /proc/kallsyms, read from
the unpacked kernel.

Their tables lie one after the other in its read-only data: offsets (one s32 for
each symbol), the address that these are relative to, the number of symbols,
names (a length, then so many numbers of tokens), and further on the 256 tokens
and the u16 where each of them begins. This is the order of Linux 5.x and 6.1;
another one is refused.
"""

import struct

from lethe import cli

COUNT_MIN = 10_000
COUNT_MAX = 1_000_000
TOKENS = 256
TOKENS_LEN_MAX = 8192
# Each of these characters stands for itself, at the number that it has
DIGITS = b"\0" + b"".join(b"%c\0" % char for char in b"0123456789")


def align(value):
    return -(-value // 8) * 8


def find_count(image, base):
    """Where the base and, 8 bytes on, a number of symbols are."""
    wanted = struct.pack("<Q", base)
    at = image.find(wanted)
    while at >= 0:
        if at % 8 == 0 and at + 16 <= len(image):
            count, = struct.unpack_from("<Q", image, at + 8)
            if COUNT_MIN <= count <= COUNT_MAX and at >= align(4 * count):
                return at, count
        at = image.find(wanted, at + 1)
    raise cli.Wrong("expected a Linux 6.1 with its symbols (CONFIG_KALLSYMS), "
                    "found no table of them")


def read_names(image, at, count):
    """([the numbers of a name's tokens], the offset after the names)"""
    found = []
    for _ in range(count):
        size = image[at]
        at += 1
        if size & 0x80:
            size = size & 0x7f | image[at] << 7
            at += 1
        found.append(image[at:at + size])
        at += size
    return found, at


def tokens_at(image, first):
    """The tokens, if their table begins there; else None."""
    found, starts, at = [], [], first
    for _ in range(TOKENS):
        end = image.find(b"\0", at)
        starts.append(at - first)
        found.append(image[at:end])
        at = end + 1
    if starts[-1] > TOKENS_LEN_MAX:
        return None
    index = struct.pack(f"<{TOKENS}H", *starts)
    return found if image[align(at):align(at) + len(index)] == index else None


def read_tokens(image, after):
    near = image.find(DIGITS, after)
    while near >= 0:
        for first in range(near, max(near - TOKENS_LEN_MAX, after), -1):
            found = tokens_at(image, first)
            if found:
                return found
        near = image.find(DIGITS, near + 1)
    raise cli.Wrong("expected the tokens of the kernel's symbols, found none")


def symbols(image, base):
    """[(address, type, name)] of an unpacked kernel whose text begins at
    `base`. With CONFIG_KALLSYMS_ABSOLUTE_PERCPU an offset that is not negative
    is an address itself."""
    at, count = find_count(image, base)
    names, after = read_names(image, at + 16, count)
    tokens = read_tokens(image, after)
    offsets = struct.unpack_from(f"<{count}i", image, at - align(4 * count))
    found = []
    for numbers, offset in zip(names, offsets):
        text = b"".join(tokens[number] for number in numbers).decode()
        address = offset if offset >= 0 else base - 1 - offset
        found.append((address, text[:1], text[1:]))
    return found


def text_of(found):
    """As /proc/kallsyms shows them."""
    return "".join(f"{address:016x} {kind} {name}\n"
                   for address, kind, name in found)
