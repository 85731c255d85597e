# SPDX-License-Identifier: MIT
"""`--version` for every tool: the one in the file VERSION."""

import pathlib

VERSION = (pathlib.Path(__file__).resolve().parent.parent
           / "VERSION").read_text().strip()


def add(parser):
    parser.add_argument("--version", action="version",
                        version=f"%(prog)s (Lethe) {VERSION}")
