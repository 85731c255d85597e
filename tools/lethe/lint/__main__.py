# SPDX-License-Identifier: MIT
"""python3 -m lethe.lint is run.py."""

from lethe import cli  # first: until it has run, Ctrl-C gives a traceback
from lethe.lint import run

cli.main("lint", run.main)
