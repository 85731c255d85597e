# SPDX-License-Identifier: MIT
"""Where the project lies, and which commit it is."""

import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOOLS = ROOT / "tools"


def commit():
    """As make and the banners name it: ten digits, + where a file differs."""
    return subprocess.run(["sh", TOOLS / "make/commit.sh"], cwd=ROOT, text=True,
                          check=True, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE).stdout.strip()
