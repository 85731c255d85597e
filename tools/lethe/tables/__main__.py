# SPDX-License-Identifier: MIT
"""python3 -m lethe.tables is write.py."""

from lethe import cli  # first: until it has run, Ctrl-C gives a traceback
from lethe.tables import write

cli.main("tables", write.main)
