# SPDX-License-Identifier: MIT
"""Tests what tools/make/deps.sh does when a command is missing. Its PATH has
all commands that it uses except `spin`; apt-get and sudo are scripts that
record how they were called, id is one that prints a user chosen by the test."""

import os
import pathlib
import shutil
import subprocess

import pytest

from lab import end
from lethe import cli
from lethe.project import TOOLS

DEPS = TOOLS / "make/deps.sh"
GROUP = "spin"  # a group of tools/make/deps.sh: one package, one command
USES = ("awk", "cat", "env", "grep", "ls", "sed", "sh", "tr")
INSTALL = "apt-get install -y --no-install-recommends spin"
APT = """#!/bin/sh
echo "apt-get $*" >>"$CALLS"
case $* in
*--print-uris*) echo "'http://nosuch/spin.deb' spin.deb 2000000 x" ;;
*--assume-no*)
    echo 'After this operation, 3 MB of additional disk space will be used.' ;;
esac
"""
SUDO = """#!/bin/sh
echo "sudo $*" >>"$CALLS"
[ "$1" != -n ] || exit 1
exec "$@"
"""
ID = "#!/bin/sh\necho $FAKE_UID\n"
RELEASE = pathlib.Path("/etc/debian_version")


class Fakes:
    """The fake commands, and the environment in which deps.sh finds them."""

    def __init__(self, folder):
        self.bin = folder / "fakes"
        self.bin.mkdir()
        self.calls = folder / "calls"
        for name in USES:
            (self.bin / name).symlink_to(shutil.which(name))
        for name, text in (("apt-get", APT), ("sudo", SUDO), ("id", ID)):
            (self.bin / name).write_text(text)
            (self.bin / name).chmod(0o755)

    def env(self, uid, **more):
        self.calls.write_text("")
        env = cli.without_make(os.environ, PATH=str(self.bin),
                               FAKE_UID=str(uid), CALLS=str(self.calls),
                               **more)
        env.pop("CI", None)
        if "APT" not in more:
            env.pop("APT", None)
        return env

    def installed(self):
        return INSTALL in self.calls.read_text()

    def run(self, uid, **more):
        """(status, all output) of deps.sh without a terminal."""
        done = subprocess.run(["/bin/sh", DEPS, GROUP], text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, check=False, timeout=60,
                              env=self.env(uid, **more))
        return done.returncode, done.stdout


def answers(lab, fakes, check):
    for name, keys, is_yes in (("y", "y\r", True), ("Enter", "\r", True),
                               ("n", "n\r", False), ("Ctrl-D", "\x04", False)):
        # Without the APT=no that the lab sets
        child = lab.terminal("/usr/bin/env", "-u", "APT", "/bin/sh",
                             DEPS, GROUP, env=fakes.env(1000))
        child.expect(r"deps: missing: spin\r\ndeps: 1 packages?, 2 MB to "
                     r"download, 3 MB on disk\r\n.*\[Y/n\] ")
        child.send(keys)
        status, text = end(child)
        said = "deps: not installed; this installs them" in text
        check(f"the question, {name}", fakes.installed() == is_yes and
              (status, said) == ((0, False) if is_yes else (2, True)),
              (status, text))


def test_deps(lab, check):
    fakes = Fakes(lab.folder)
    if not RELEASE.exists() or RELEASE.read_text()[:3] not in ("12.", "13."):
        pytest.skip("neither Debian 12 nor 13")
    answers(lab, fakes, check)
    got = fakes.run(1000, APT="no")
    check("APT=no: the command, status 2", got[0] == 2 and
          "deps: APT=no; this installs" in got[1] and
          f"sudo env DEBIAN_FRONTEND=noninteractive {INSTALL}" in got[1] and
          fakes.calls.read_text() == "", got)
    got = fakes.run(1000)
    check("no terminal, sudo wants a password", got[0] == 2 and
          "sudo wants a password" in got[1] and not fakes.installed(), got)
    got = fakes.run(0)
    check("root without a terminal: installed", got[0] == 0 and
          fakes.installed() and "sudo" not in fakes.calls.read_text(), got)
    (fakes.bin / "sudo").unlink()
    got = fakes.run(1000)
    check("no sudo", got[0] == 2 and "deps: there is no sudo; " in got[1] and
          not fakes.installed(), got)
