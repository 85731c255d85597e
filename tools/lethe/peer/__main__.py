# SPDX-License-Identifier: MIT
"""python3 -m lethe.peer is run.py."""

from lethe import cli  # first: until it has run, Ctrl-C gives a traceback
from lethe.peer import run

cli.main("peer", run.main)
