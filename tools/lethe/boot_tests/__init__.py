# SPDX-License-Identifier: MIT
"""Boot tests: tables, runs, what counts as passed."""
