# SPDX-License-Identifier: MIT
"""What the flush hypercalls are worth to a Linux guest."""
