# SPDX-License-Identifier: MIT
"""Tables that C and documents share, each made of one source."""
