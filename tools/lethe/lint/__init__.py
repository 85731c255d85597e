# SPDX-License-Identifier: MIT
"""Checks that need no run."""
