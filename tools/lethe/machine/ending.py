# SPDX-License-Identifier: MIT
"""Decides when a run ends, and explains one that ended without an exit line."""

import re
import shutil
import signal

from lethe.machine.console import clean, exit_line

LINES = 8  # shown of each file
LITTLE = 1 << 20  # a disk with fewer free bytes counts as full
COLUMNS = 300
ROUTINE = re.compile(rb"^(\d+i\[.*|Bochs connected to screen .*|ALSA lib .*)$",
                     re.MULTILINE)
REFUSED = re.compile(r"^lethe: nothing started", re.MULTILINE)
ENDS = {
    "limit": "no end within the limit of {:.0f} s",
    "flood": "the console printed too much, in {:.0f} s",
    "no power-off": "no power-off after the exit line",
    "stop": "ended because the console showed the expected text",
    "key": "ended by Ctrl-]",
    "hang-up": "the terminal was closed",
}


class Ends:
    """The conditions that end a run: `poweroff` seconds have passed since the
    exit line without a power-off; `linger` seconds have passed since the
    console matched `stop`; the run is older than `limit` seconds; the console
    has more than `flood` bytes. None switches a condition off."""

    def __init__(self, poweroff, limit=None, stop=None, linger=0.0,
                 flood=32 << 20):
        self.poweroff = poweroff
        self.limit = limit
        self.stop = re.compile(stop) if stop else None
        self.linger = linger
        self.flood = flood
        self.exit_seen = self.stop_seen = None

    def see(self, text, now):
        """To be called when the console has grown; `text` is its end."""
        if exit_line(text) and text.endswith("\n"):
            self.exit_seen = self.exit_seen or now
        if self.stop and self.stop.search(text):
            self.stop_seen = self.stop_seen or now

    def judge(self, is_running, size, begin, now):
        """How the run ended, `off` or a key of ENDS; None while it goes on."""
        if not is_running:
            return "off"
        if self.stop_seen is not None and now - self.stop_seen >= self.linger:
            return "stop"
        if self.flood and size > self.flood:
            return "flood"
        if self.exit_seen is not None and now - self.exit_seen > self.poweroff:
            return "no power-off"
        if self.limit and now - begin > self.limit:
            return "limit"
        return None


def signal_name(number):
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def process(status):
    """A phrase for the end of a process; `status` is that of subprocess."""
    if status is None:
        return "was still running"
    if status < 0:
        return f"ended by {signal_name(-status)}"
    if status > 128 and not signal_name(status - 128).startswith("signal"):
        return f"ended with status {status} ({signal_name(status - 128)})"
    return f"ended with status {status}"


def tail(path):
    """The last lines of a file, without those that every run prints."""
    try:
        text = clean(ROUTINE.sub(b"", path.read_bytes()[-(64 << 10):]))
    except OSError:
        return []
    lines = [line.rstrip()[:COLUMNS] for line in text.split("\n")]
    return [line for line in lines if line][-LINES:]


def last_words(folder):
    """The last lines of stderr (of stdout if that is empty) and of the log."""
    said = "stderr.txt" if tail(folder / "stderr.txt") else "stdout.txt"
    for name in (said, "bochs.log"):
        lines = tail(folder / name)
        if lines:
            yield f"{name} ends:"
            yield from (f"    {line}" for line in lines)


def explain(run, outcome, what="no exit line"):
    """Lines that explain a run which ended without an exit line, or failed as
    `what` says. The run's folder is kept."""
    why = f"{what}: "
    if outcome.end in ENDS:
        why += ENDS[outcome.end].format(outcome.seconds) + "; "
    lines = [f"{why}the emulator {process(outcome.status)} after "
             f"{outcome.seconds:.1f} s", *last_words(run.path)]
    if shutil.disk_usage(run.path).free < LITTLE:
        lines.append("no space is left on the disk of the build folder; free "
                     "some, or build on another disk with O=FOLDER")
    return [*lines, f"kept: {run.keep()}"]
