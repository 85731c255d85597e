# SPDX-License-Identifier: MIT
"""What all tools share at their command line: the parser, and the end.

What a user may have typed or a machine may lack ends in one sentence,
`TOOL: …`, with status 2; an interrupt ends with 130. A traceback is a bug.
"""

import _signal
# Until main() has the handler of Ctrl-C, it just ends the process: the other
# imports (of signal too) take a while, and an interrupt in them would give a
# traceback
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
INTERRUPTED = 130  # 128 + SIGINT, as a shell says it
BROKEN_PIPE = 141  # 128 + SIGPIPE
NEAR_MAX = 4
MAKE = {"MAKELEVEL", "MAKEFLAGS", "MAKEOVERRIDES", "MFLAGS"}

WHY = {
    errno.ENOENT: "expected a file, found none of that name",
    errno.EISDIR: "expected a file, found a folder",
    errno.EEXIST: "expected a name that is free, found one in use",
    errno.ENOTDIR: "expected a folder, found a file",
    errno.EACCES: "no permission; expected to be allowed to use it",
    errno.ENOSPC: "no space is left; free some, or build on another disk with "
                  "O=FOLDER",
    errno.EROFS: "it cannot be written to; build elsewhere with O=FOLDER",
}


class Wrong(ValueError):
    """Not our bug: the text says what was expected, found, and what to do."""


class Parser(argparse.ArgumentParser):
    """With --version, and --build where a tool reads what make has built. Says
    what is wrong in one line, without the usage."""

    def __init__(self, prog, description, build=False, **more):
        more.setdefault("formatter_class",
                        argparse.RawDescriptionHelpFormatter)
        super().__init__(prog=prog, description=description, **more)
        self.add_argument("--version", action="version",
                          version=f"%(prog)s (Lethe) {version.VERSION}")
        if build:
            self.add_argument("--build", default="build", metavar="FOLDER",
                              help="where make has built (%(default)s)")

    def error(self, message):
        self.exit(USAGE, f"{self.prog}: {message.removeprefix('argument ')}; "
                  f"--help has the options\n")


def number(low, high, kind=int):
    """The type of an option: a number in that range, rims included."""
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
    """What to type for a tool, in the project's folder."""
    return f"PYTHONPATH=tools python3 -m lethe.{module}"


def near(word, names):
    """The names that `word` may have meant, the nearest first."""
    return difflib.get_close_matches(word, names, NEAR_MAX, 0.4)


def choose(words, names, what, listing, exact=False):
    """The names that hold one of the words (`exact`: are one); all without
    words. A word that holds for none is wrong; `listing` shows them all."""
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
    """What an error says, in one line."""
    if isinstance(error, subprocess.CalledProcessError):
        return (f"{os.path.basename(str(error.cmd[0]))} ended with status "
                f"{error.returncode}")
    if isinstance(error, OSError):
        why = WHY.get(error.errno, error.strerror or str(error))
        return f"{error.filename}: {why}" if error.filename else why
    return " ".join(str(error).split("\n"))


class Pool(concurrent.futures.ThreadPoolExecutor):
    """Threads that are not waited for after an exception: what they run dies
    with us (see machine/process.py)."""

    def __exit__(self, kind, *_):
        self.shutdown(wait=kind is None, cancel_futures=kind is not None)


def without_make(env, **more):
    """The environment as it was before a make started us, and more: another
    make is then nobody's child and prints no folders."""
    return {**{name: value for name, value in env.items()
               if name not in MAKE}, **more}


def open_standard():
    """A file for each of 0, 1, 2: what is opened next must not become one."""
    for fd in range(3):
        try:
            os.fstat(fd)
        except OSError:
            null = os.open(os.devnull, os.O_RDWR)
            if null != fd:
                os.dup2(null, fd)
                os.close(null)


def interrupt_by(*numbers):
    """These signals interrupt, as Ctrl-C does; ignored ones stay so (nohup)."""
    for one in numbers:
        if signal.getsignal(one) != signal.SIG_IGN:
            signal.signal(one, signal.default_int_handler)


def say(text):
    """To stderr, where there still is one."""
    with contextlib.suppress(OSError):
        print(text, file=sys.stderr, flush=True)


def leave(status):
    """Ends the process, whatever its threads do."""
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
    # At once: threads that wait for emulators would be waited for. Those die
    # with us: see machine/process.py
    leave(status)
