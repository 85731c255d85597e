# SPDX-License-Identifier: MIT
"""python3 -m lethe.nested is run.py."""

from lethe import cli  # first: until it has run, Ctrl-C gives a traceback
from lethe.nested import run

cli.main("nested", run.main)
