# SPDX-License-Identifier: MIT
"""python3 -m lethe.linux_guest is run.py."""

from lethe import cli  # first: until it has run, Ctrl-C gives a traceback
from lethe.linux_guest import run

cli.main("linux_guest", run.main)
