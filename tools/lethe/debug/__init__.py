# SPDX-License-Identifier: MIT
"""Runs Lethe in a debugger, and shows the state of a stopped Lethe."""
