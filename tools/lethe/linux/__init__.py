# SPDX-License-Identifier: MIT
"""A Linux in Bochs that runs a script of ours."""
