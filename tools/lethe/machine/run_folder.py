# SPDX-License-Identifier: MIT
"""Makes a folder for each run, and removes or keeps it at the end.

A run owns its folder BUILD/run/NAME-… by a lock on the file `owner` in it. Each
new run first removes the folders without an owner: their runs have ended, even
if they were killed. A folder that is kept moves to BUILD/kept/, which holds the
last KEPT_MAX.
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
    """A path relative to the current folder, or whole if it is not below it."""
    short = os.path.relpath(path)
    return str(path) if short.startswith("..") else short


def sweep(runs):
    """Removes the folders that no run owns."""
    for folder in runs.iterdir():
        with contextlib.suppress(OSError):  # a run owns it, or it is gone
            if not folder.is_dir():
                continue
            if (folder / OWNER).exists():
                with open(folder / OWNER, "rb") as owner:
                    fcntl.flock(owner, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)


def prune(kept):
    """Removes all folders but the newest KEPT_MAX."""
    ages = []
    for folder in kept.iterdir():
        with contextlib.suppress(OSError):
            ages.append((folder.stat().st_mtime, folder))
    for _, folder in sorted(ages)[:-KEPT_MAX]:
        shutil.rmtree(folder, ignore_errors=True)


class RunFolder:
    """`path` exists while the `with` block runs. Then it is removed or, after
    keep(), moved to `kept`."""

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
        """Lets the folder be kept; returns its later path, to be printed."""
        self.is_kept = True
        return shown(self.kept)

    def __enter__(self):
        runs = self.build / "run"
        runs.mkdir(exist_ok=True)
        # A sweep of another run between mkdtemp() and flock() would remove the
        # folder: it has no owner yet
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
