# SPDX-License-Identifier: MIT
"""Folders of runs: made, owned while the run lasts, then removed or kept.

BUILD/run/NAME-… is locked by its owner through the file `owner`; each new one
first removes those whose owner is gone, however it ended. What is kept moves
to BUILD/kept/, which holds the last KEPT_MAX.
"""

import contextlib
import fcntl
import os
import pathlib
import shutil
import tempfile

KEPT_MAX = 8
OWNER = "owner"


def shown(path):
    """As short as it can be typed from here."""
    short = os.path.relpath(path)
    return str(path) if short.startswith("..") else short


def sweep(runs):
    """Removes the folders that nobody owns."""
    for folder in runs.iterdir():
        with contextlib.suppress(OSError):  # somebody else's, or gone already
            if not folder.is_dir():
                continue
            if (folder / OWNER).exists():
                with open(folder / OWNER, "rb") as owner:
                    fcntl.flock(owner, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)


def prune(kept):
    """Removes all but the newest."""
    ages = []
    for folder in kept.iterdir():
        with contextlib.suppress(OSError):
            ages.append((folder.stat().st_mtime, folder))
    for _, folder in sorted(ages)[:-KEPT_MAX]:
        shutil.rmtree(folder, ignore_errors=True)


class RunFolder:
    """`path` exists while the block runs; after keep(), `kept` afterwards."""

    def __init__(self, build, name):
        self.build = pathlib.Path(build)
        self.name = name
        self.path = None
        self.owner = None
        self.is_kept = False

    @property
    def kept(self):
        return self.build / "kept" / self.path.name

    def keep(self):
        """Leaves the folder; returns where it will be, to be printed."""
        self.is_kept = True
        return shown(self.kept)

    def __enter__(self):
        runs = self.build / "run"
        runs.mkdir(exist_ok=True)
        # Nobody may sweep between the two steps of making an owned folder
        with open(self.build / "run.lock", "wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            sweep(runs)
            self.path = pathlib.Path(
                tempfile.mkdtemp(prefix=f"{self.name}-", dir=runs))
            self.owner = open(self.path / OWNER, "wb")
            fcntl.flock(self.owner, fcntl.LOCK_EX)
        return self

    def __exit__(self, *_):
        if self.is_kept:
            self.kept.parent.mkdir(exist_ok=True)
            self.path.rename(self.kept)
            (self.kept / OWNER).unlink(missing_ok=True)
            os.utime(self.kept)
            prune(self.kept.parent)
        else:
            shutil.rmtree(self.path, ignore_errors=True)
        self.owner.close()
