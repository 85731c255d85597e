# SPDX-License-Identifier: MIT
"""The command line of all tools: its parser, error messages and exit status.

If the command line is wrong or something that the tool needs is missing, the
tool prints one sentence, `TOOL: …`, and ends with status 2. If it is
interrupted, it ends with status 130. A traceback is a bug.
"""

import _signal
# Ctrl-C just ends the process until main() installs its handler. The imports
# below take a while, also that of signal, and an interrupt during one of them
# would print a traceback
if _signal.getsignal(_signal.SIGINT) is _signal.default_int_handler:
    _signal.signal(_signal.SIGINT, _signal.SIG_DFL)

import argparse
import concurrent.futures
import contextlib
import difflib
import errno
import math
import os
import signal
import subprocess
import sys

from lethe import version
from lethe.project import TOOLS

USAGE = 2
INTERRUPTED = 130  # 128 + SIGINT, as shells report it
BROKEN_PIPE = 141  # 128 + SIGPIPE, likewise
NEAR_MAX = 4
# Variables that make sets for the commands that it starts
MAKE = {"MAKELEVEL", "MAKEFLAGS", "MAKEOVERRIDES", "MFLAGS"}

WHY = {
    errno.ENOENT: "expected a file, found none of that name",
    errno.EISDIR: "expected a file, found a folder",
    errno.EEXIST: "expected a name that is not in use, found a file or folder "
                  "of that name",
    errno.ENOTDIR: "expected a folder, found a file",
    errno.EACCES: "no permission; this user must have access to it",
    errno.ENOSPC: "no space is left; free some, or build on another disk with "
                  "O=FOLDER",
    errno.EROFS: "expected a disk that can be written to, found a read-only "
                 "one; build elsewhere with O=FOLDER",
}


class Wrong(ValueError):
    """An error of the user or of the machine, not a bug of the tool. The text
    says what was expected, what was found and what to do."""


class Parser(argparse.ArgumentParser):
    """Adds --version, and --build for a tool that reads the results of make.
    Reports an error in one line, without the usage."""

    def __init__(self, prog, description, build=False, **more):
        more.setdefault("formatter_class",
                        argparse.RawDescriptionHelpFormatter)
        super().__init__(prog=prog, description=description, **more)
        self.add_argument("--version", action="version",
                          version=f"%(prog)s (Lethe) {version.VERSION}")
        if build:
            self.add_argument("--build", default="build", metavar="FOLDER",
                              help="folder with the results of make "
                              "(%(default)s)")

    def error(self, message):
        self.exit(USAGE, f"{self.prog}: {message.removeprefix('argument ')}; "
                  f"--help lists the options\n")


def number(low, high, kind=int):
    """The type of an option whose value is a number from `low` to `high`."""
    def convert(word):
        try:
            value = kind(word)
        except ValueError:
            value = math.nan
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(
                f"expected a number from {low} to {high}, found `{word}`")
        return value
    return convert


def command(module):
    """The command that starts a tool in the project's folder."""
    return f"PYTHONPATH=tools python3 -m lethe.{module}"


def near(word, names):
    """The names that are most similar to `word`, the most similar first."""
    return difflib.get_close_matches(word, names, NEAR_MAX, 0.4)


def choose(words, names, what, listing, exact=False):
    """The names that contain one of the words (`exact`: that equal one); all
    names if there are no words. A word without a match is an error, which
    says that the command `listing` lists the names."""
    for word in words:
        if not any(word == name if exact else word in name for name in names):
            like = near(word, names)
            raise Wrong(
                f"expected {'the name' if exact else 'part of the name'} of a "
                f"{what}, found `{word}`; "
                + (f"near: {', '.join(like)}; " if like else "")
                + f"{listing} lists them")
    return [name for name in names if not words
            or any(word == name if exact else word in name for word in words)]


def sentence(error):
    """The message of an error, in one line."""
    if isinstance(error, subprocess.CalledProcessError):
        return (f"{os.path.basename(str(error.cmd[0]))} ended with status "
                f"{error.returncode}")
    if isinstance(error, OSError):
        why = WHY.get(error.errno, error.strerror or str(error))
        return f"{error.filename}: {why}" if error.filename else why
    return " ".join(str(error).split("\n"))


class Pool(concurrent.futures.ThreadPoolExecutor):
    """A pool that does not wait for its threads after an exception. The
    emulators that they run end with this process (see machine/process.py)."""

    def __exit__(self, kind, *_):
        self.shutdown(wait=kind is None, cancel_futures=kind is not None)


def without_make(env, **more):
    """`env` without the variables that make sets, and with `more`. A make that
    is started so is no sub-make: it prints no `Entering directory`."""
    return {**{name: value for name, value in env.items()
               if name not in MAKE}, **more}


def open_standard():
    """Opens /dev/null for each of the descriptors 0, 1 and 2 that is closed:
    otherwise the next file that is opened would become stdin, stdout or
    stderr."""
    for fd in range(3):
        try:
            os.fstat(fd)
        except OSError:
            null = os.open(os.devnull, os.O_RDWR)
            if null != fd:
                os.dup2(null, fd)
                os.close(null)


def interrupt_by(*numbers):
    """Makes these signals raise KeyboardInterrupt, as Ctrl-C does. A signal
    that is ignored stays ignored (nohup)."""
    for one in numbers:
        if signal.getsignal(one) != signal.SIG_IGN:
            signal.signal(one, signal.default_int_handler)


def say(text):
    """Prints to stderr; does nothing if stderr is closed."""
    with contextlib.suppress(OSError):
        print(text, file=sys.stderr, flush=True)


def leave(status):
    """Ends the process at once, without waiting for its threads."""
    with contextlib.suppress(OSError, ValueError):
        if sys.stdout:
            sys.stdout.flush()
    os._exit(status)


def main(tool, function):
    """Runs a tool's main() and ends with the status that it returns."""
    open_standard()
    interrupt_by(signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    os.environ["PYTHONPATH"] = str(TOOLS)  # for tools that this one starts
    try:
        status = function()
        if sys.stdout:
            sys.stdout.flush()
        sys.exit(status)
    except KeyboardInterrupt:
        say(f"{tool}: interrupted")
        status = INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        status = BROKEN_PIPE
    except (Wrong, OSError, UnicodeError,
            subprocess.CalledProcessError) as error:
        say(f"{tool}: {sentence(error)}")
        status = USAGE
    # sys.exit() would wait for threads that wait for emulators. The emulators
    # end with this process: see machine/process.py
    leave(status)
