# SPDX-License-Identifier: MIT
"""python3 -m lethe.linux_bench is run.py."""

from lethe import cli  # first: until it has run, Ctrl-C gives a traceback
from lethe.linux_bench import run

cli.main("linux_bench", run.main)
