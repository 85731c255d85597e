# SPDX-License-Identifier: MIT
"""Reads the files that a Linux guest sends over its second serial port.

Each is a line `result NAME LENGTH CRC`, LENGTH bytes of gzip data and a line
end; CRC is CRC-32 of those bytes in 8 hexadecimal digits. Nothing else is sent
between the files.
"""

import gzip
import re
import zlib

HEAD = re.compile(rb"result ([A-Za-z0-9][A-Za-z0-9._-]*) (\d{1,9}) "
                  rb"([0-9a-f]{8})\n")
SHOWN = 40


class Bad(Exception):
    """The stream is not what the guest's `result` writes."""


def decode(data):
    """({name: bytes}, rest); `rest` is a last frame that is incomplete."""
    files = {}
    at = 0
    while at < len(data):
        head = HEAD.match(data, at)
        if not head:
            if b"\n" in data[at:]:
                raise Bad(f"expected a line `result …` at byte {at}, found no "
                          f"frame: {data[at:at + SHOWN]!r}")
            break
        name = head[1].decode()
        end = head.end() + int(head[2])
        if end >= len(data):
            break
        body = data[head.end():end]
        if data[end:end + 1] != b"\n":
            raise Bad(f"{name}: expected a line end after {int(head[2])} "
                      f"bytes, found {data[end:end + 1]!r}")
        if zlib.crc32(body) != int(head[3], 16):
            raise Bad(f"{name}: expected CRC {head[3].decode()}, found "
                      f"{zlib.crc32(body):08x}")
        if name in files:
            raise Bad(f"{name}: expected one file of that name, found it "
                      "sent twice")
        try:
            files[name] = gzip.decompress(body)
        except (OSError, EOFError, zlib.error) as error:
            raise Bad(f"{name}: {error}") from error
        at = end + 1
    return files, data[at:]
