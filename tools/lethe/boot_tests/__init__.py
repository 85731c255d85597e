# SPDX-License-Identifier: MIT
"""Boot tests: their tables, their runs, and what counts as passed."""
