# SPDX-License-Identifier: MIT
"""What a call costs."""
