# SPDX-License-Identifier: MIT
"""The project's folder and its commit."""

import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOOLS = ROOT / "tools"


def commit():
    """As make and the banners name it; tools/make/commit.sh has the format."""
    return subprocess.run(["sh", TOOLS / "make/commit.sh"], cwd=ROOT, text=True,
                          check=True, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE).stdout.strip()
