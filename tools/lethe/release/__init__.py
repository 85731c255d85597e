# SPDX-License-Identifier: MIT
"""A release, and the first hour on a fresh machine."""
