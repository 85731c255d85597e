# SPDX-License-Identifier: MIT
"""The tools of Lethe, started as `python3 -m lethe.FOLDER.NAME` with
PYTHONPATH=tools, which make sets. README.md says what each folder is for."""

# Ground first: a folder imports the modules beside this file, itself, and the
# folders before it (make lint)
FOLDERS = ("machine", "boot_tests", "console_tests", "debug", "linux",
           "linux_guest", "gdb_tests", "nested", "measure", "peer", "tables",
           "docs", "linux_bench", "proof", "lint", "release")
