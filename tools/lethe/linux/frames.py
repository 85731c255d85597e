# SPDX-License-Identifier: MIT
"""Reads the files that a Linux guest sends over its second serial port.

Each is a line `result NAME LENGTH CRC`, LENGTH bytes of gzip data and a line
end; CRC is CRC-32 of those bytes in 8 digits. Nothing may stand between.
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
    """({name: bytes}, rest): `rest` is a last frame that has not ended."""
    files = {}
    at = 0
    while at < len(data):
        head = HEAD.match(data, at)
        if not head:
            if b"\n" in data[at:]:
                raise Bad(f"no frame at byte {at}: {data[at:at + SHOWN]!r}")
            break
        name = head[1].decode()
        end = head.end() + int(head[2])
        if end >= len(data):
            break
        body = data[head.end():end]
        if data[end:end + 1] != b"\n":
            raise Bad(f"{name}: longer than its length {int(head[2])}")
        if zlib.crc32(body) != int(head[3], 16):
            raise Bad(f"{name}: CRC {zlib.crc32(body):08x}, sent with "
                      f"{head[3].decode()}")
        if name in files:
            raise Bad(f"{name}: sent twice")
        try:
            files[name] = gzip.decompress(body)
        except (OSError, EOFError, zlib.error) as error:
            raise Bad(f"{name}: {error}") from error
        at = end + 1
    return files, data[at:]
