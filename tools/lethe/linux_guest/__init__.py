# SPDX-License-Identifier: MIT
"""A stock Linux as a guest of Lethe."""
