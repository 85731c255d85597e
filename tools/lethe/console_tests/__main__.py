# SPDX-License-Identifier: MIT
"""python3 -m lethe.console_tests is runner.py."""

from lethe import cli  # first: until it has run, Ctrl-C gives a traceback
from lethe.console_tests import runner

cli.main("console-test", runner.main)
