# SPDX-License-Identifier: MIT
"""Makes a release, and tests the first hour on a fresh machine."""
