# SPDX-License-Identifier: MIT
"""Runs the test guest on KVM and on Lethe, and compares the results."""
