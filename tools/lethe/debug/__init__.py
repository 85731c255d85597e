# SPDX-License-Identifier: MIT
"""Lethe at a debugger's prompt, and its state when a run is stopped."""
