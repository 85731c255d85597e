# SPDX-License-Identifier: MIT
"""python3 -m lethe.boot_tests is runner.py."""

from lethe import cli  # first: until it has run, Ctrl-C gives a traceback
from lethe.boot_tests import runner

cli.main("suite", runner.main)
