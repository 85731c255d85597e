# SPDX-License-Identifier: MIT
"""One emulated machine: what it boots, the run, its console."""
