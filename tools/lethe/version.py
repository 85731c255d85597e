# SPDX-License-Identifier: MIT
"""The version, of the file VERSION."""

from lethe.project import ROOT

VERSION = (ROOT / "VERSION").read_text().strip()
