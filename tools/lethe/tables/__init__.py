# SPDX-License-Identifier: MIT
"""Writes the tables that C and documents share, each from one source."""
