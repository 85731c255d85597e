# SPDX-License-Identifier: MIT
"""The version of Lethe, from the file VERSION."""

from lethe.project import ROOT

VERSION = (ROOT / "VERSION").read_text().strip()
