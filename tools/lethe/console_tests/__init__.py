# SPDX-License-Identifier: MIT
"""Tests of the debug console over the serial line."""
