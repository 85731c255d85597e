# SPDX-License-Identifier: MIT
"""Checks that do not run Lethe."""
