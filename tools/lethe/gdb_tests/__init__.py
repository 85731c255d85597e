# SPDX-License-Identifier: MIT
"""GDB on the guests of a running Lethe; README.md."""
