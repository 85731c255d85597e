# SPDX-License-Identifier: MIT
"""What the tests of the first hour share: a build folder of links, fake
emulators, terminals, and the descendants of a process."""

import contextlib
import os
import pathlib
import re
import subprocess
import sys
import time

import pexpect

from lethe import cli
from lethe.project import ROOT

# The name of a tool in its messages, where that is not its module's: module
MODULES = {"run": "machine.run", "mkdisk": "machine.disk",
           "mkrom": "machine.rom", "suite": "boot_tests",
           "nested_full": "nested.full", "bench": "measure.bench",
           "profile": "measure.instructions", "mutants": "proof.mutants",
           "fuzz": "proof.fuzzing", "coverage": "proof.core_coverage",
           "check": "proof.check", "dist": "release.dist"}
LIMIT = 60
GONE_SECONDS = 2
# `$dev` is the serial port, `say` prints on it
FAKE = """#!/bin/sh
[ "$1" != --help ] || exit 0
dev=$(sed -n 's/^com1:.*dev=//p' bochsrc)
say() { printf "$1" >>"$dev"; }
"""
BANNER = "say 'lethe 0.0.0 commit 0123456789: loader uefi\\r\\n'\n"
EXIT = "say 'exit code=0 reason=debug-exit\\n'\n"


def python(name):
    """The words that start a tool."""
    return [sys.executable, "-m", f"lethe.{MODULES.get(name, name)}"]


class Lab:
    """A temporary folder, with a build folder that links to the real one's
    results."""

    def __init__(self, build, folder):
        self.o = build  # as typed: to make, another spelling is another build
        self.real = pathlib.Path(build).resolve()
        self.folder = folder
        self.build = self.links(folder / "build")
        self.bin = folder / "bin"
        self.bin.mkdir()

    def links(self, folder):
        folder.mkdir(parents=True)
        for name in ("hv", "guest", "boot", "rom", "guest-efi",
                     "lethe-trace"):
            (folder / name).symlink_to(self.real / name)
        return folder

    @contextlib.contextmanager
    def fake(self, script):
        """The caller's environment with a `bochs` that is this script."""
        path = self.bin / "bochs"
        path.write_text(FAKE + script)
        path.chmod(0o755)
        yield dict(os.environ, PATH=f"{self.bin}:{os.environ['PATH']}",
                   LETHE_STRAY="1", BXSHARE="/nosuch")
        path.unlink()

    def tool(self, name, *words, env=None, **options):
        """(status, stdout, stderr) of a tool, by its name in its messages."""
        done = subprocess.run([*python(name), *words],
                              stdin=subprocess.DEVNULL, capture_output=True,
                              timeout=LIMIT, check=False, cwd=ROOT, env=env,
                              **options)
        return (done.returncode, done.stdout.decode(errors="replace"),
                done.stderr.decode(errors="replace"))

    def run(self, *words, env=None, loader="rom"):
        """lethe.machine.run with the lab's build."""
        return self.tool("run", "--build", self.build, "--loader", loader,
                         *words, env=env)

    def make(self, *words, env=None):
        env = cli.without_make(env or os.environ, APT="no")
        done = subprocess.run(["make", f"O={self.o}", *words], env=env,
                              stdin=subprocess.DEVNULL, capture_output=True,
                              timeout=4 * LIMIT, check=False, cwd=ROOT)
        return (done.returncode, done.stdout.decode(errors="replace"),
                done.stderr.decode(errors="replace"))

    def terminal(self, *command, env=None):
        """The command as the leader of a session on a terminal of its own."""
        env = cli.without_make(env or os.environ, APT="no", TERM="xterm")
        return pexpect.spawn(str(command[0]), [str(x) for x in command[1:]],
                             env=env, cwd=str(ROOT), timeout=LIMIT,
                             encoding="utf-8", codec_errors="replace")

    def interactive(self, *words, env=None, loader="rom"):
        return self.terminal(*python("run"), "--interactive", "--build",
                             self.build, "--loader", loader, *words, env=env)

    def make_run(self, *words, env=None):
        return self.terminal("make", f"O={self.o}", "run", *words, env=env)

    def left(self):
        """The folders of runs that have not been removed."""
        return sorted((self.build / "run").glob("*"))


def end(child):
    """(status, all that it printed from here on)"""
    child.expect(pexpect.EOF)
    text = child.before
    child.close()
    return child.exitstatus, text


def below(pid):
    """The process and all its descendants."""
    parents = {}
    for path in pathlib.Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            found = re.match(r"(\d+) \(.*\) . (\d+)", path.read_text(),
                             re.DOTALL)
            parents[int(found[1])] = int(found[2])
    found = {pid}
    while True:
        more = {child for child, parent in parents.items()
                if parent in found} | found
        if more == found:
            return found
        found = more


def named(pids, name):
    """Whether one of the processes runs the program `name`."""
    for pid in pids:
        with contextlib.suppress(OSError):
            if pathlib.Path(f"/proc/{pid}/comm").read_text().strip() == name:
                return True
    return False


def is_alive(pid):
    try:
        stat = pathlib.Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return not re.search(r"\) [ZX] ", stat)


def wait(condition, seconds):
    """Whether the condition becomes true within that time."""
    begin = time.monotonic()
    while not condition():
        if time.monotonic() - begin > seconds:
            return False
        time.sleep(0.05)
    return True


def started(pid, name="bochs-bin"):
    """The processes below `pid`, as soon as the emulator is among them."""
    wait(lambda: named(below(pid), name), LIMIT)
    time.sleep(0.3)
    return below(pid)


def gone(pids, seconds=GONE_SECONDS):
    """Whether all of them end within that time."""
    return wait(lambda: not any(map(is_alive, pids)), seconds)
