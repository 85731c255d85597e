# SPDX-License-Identifier: MIT
"""Writes documents from results; compares others with results and sources."""
