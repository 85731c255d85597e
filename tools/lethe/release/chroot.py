# SPDX-License-Identifier: MIT
"""A minimal Debian in a folder: made by debootstrap, entered by chroot.

Each command runs in its own namespaces of mounts and processes, and of the
network if it must have none. So it leaves no process and no mount on this
machine.
"""

import os
import pathlib
import re
import shutil
import socket
import subprocess
import time

import pexpect

from lethe import cli

SOURCES = ("/etc/apt/sources.list.d/debian.sources", "/etc/apt/sources.list")
MIRROR = re.compile(r"^(?:URIs:|deb)\s+(?:\[[^]]*\]\s+)?"
                    r"(https?://\S*/debian/?)(?:\s|$)", re.MULTILINE)
ENVIRONMENT = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:"
               "/sbin:/bin", "TERM": "xterm", "HOME": "/root"}

# The chroot has this machine's /dev, but its own terminals. $1 is the folder,
# the other arguments are the command.
ENTER = """
root=$1; shift
mount --bind /dev "$root/dev"
options=newinstance,ptmxmode=0666,mode=620,gid=5
mount -t devpts -o $options devpts "$root/dev/pts"
mount --bind "$root/dev/pts/ptmx" "$root/dev/ptmx"
mount -t proc proc "$root/proc"
mount -t tmpfs tmpfs "$root/dev/shm"
mkdir -p "$root/source"
mount --bind -o ro "$SOURCE" "$root/source"
exec chroot "$root" "$@"
"""


def mirror():
    """The URL from which this machine gets Debian's packages."""
    if os.environ.get("MIRROR"):
        return os.environ["MIRROR"]
    for path in map(pathlib.Path, SOURCES):
        found = MIRROR.search(path.read_text()) if path.exists() else None
        if found:
            return found[1]
    raise cli.Wrong("expected the URL of Debian's archive in "
                    "/etc/apt/sources.list or in MIRROR, found neither; set "
                    "MIRROR=URL")


def archives(release, url):
    """The lines of sources.list that Debian's installer writes."""
    security = os.environ.get("SECURITY", url.rstrip("/") + "-security")
    return "".join(f"deb {where} {suite} main\n" for where, suite in (
        (url, release), (url, f"{release}-updates"),
        (security, f"{release}-security")))


def bootstrap(folder, release):
    """Installs a minimal `release` in `folder`, unless it is there already."""
    done = folder / ".done"
    lines = archives(release, mirror())
    if done.exists() and done.read_text() == lines:
        return
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    subprocess.run(["debootstrap", "--variant=minbase", release, str(folder),
                    mirror()], check=True, stdin=subprocess.DEVNULL,
                   stdout=subprocess.DEVNULL)
    shutil.rmtree(folder / "var/lib/apt/lists")
    for path in (folder / "var/cache/apt/archives").glob("*.deb"):
        path.unlink()
    (folder / "etc/apt/sources.list").write_text(lines)
    done.write_text(lines)


class Chroot:
    """A copy of a minimal Debian; `source` is mounted read-only at /source."""

    def __init__(self, base, folder, source):
        self.folder = pathlib.Path(folder)
        self.source = source
        shutil.rmtree(self.folder, ignore_errors=True)
        subprocess.run(["cp", "-a", "--reflink=auto", str(base),
                        str(self.folder)], check=True)
        shutil.copyfile("/etc/resolv.conf", self.folder / "etc/resolv.conf")
        (self.folder / "etc/hosts").write_text(
            f"127.0.0.1 localhost\n127.0.1.1 {socket.gethostname()}\n")

    def words(self, script, user="root", network=True):
        """The command that runs a shell script in the chroot as that user."""
        more = [] if network else ["--net"]
        inside = ["sh", "-c", script]
        if user != "root":
            # Not -c, which takes the terminal away from sudo
            inside = ["su", "-", user, "--session-command", script]
        return ["unshare", "--mount", "--pid", "--fork", "--kill-child", *more,
                "sh", "-e", "-c", ENTER, "enter", str(self.folder), *inside]

    def environment(self):
        return dict(ENVIRONMENT, SOURCE=str(self.source))

    def run(self, script, log, user="root", network=True):
        """Runs a script without a terminal; returns (status, output). `log`
        gets the output as it comes."""
        with open(log, "wb") as file:
            status = subprocess.run(
                self.words(script, user, network), env=self.environment(),
                stdin=subprocess.DEVNULL, stdout=file, check=False,
                stderr=subprocess.STDOUT).returncode
        return status, pathlib.Path(log).read_text(errors="replace")

    def type(self, script, answers, log, limit, user="root"):
        """Runs a script on a terminal; returns (status, output). `answers` is
        [(pattern, text)]: each text is typed once, when the output matches its
        pattern."""
        words = self.words(script, user)
        begin = time.monotonic()

        def left():
            return max(begin + limit - time.monotonic(), 0)

        with open(log, "wb") as file:
            child = pexpect.spawn(words[0], words[1:], timeout=limit,
                                  env=self.environment())
            child.logfile_read = file
            ends = [pexpect.EOF, pexpect.TIMEOUT]
            for pattern, text in answers:
                if child.expect([pattern, *ends], timeout=left()) != 0:
                    break
                child.send(text)
            child.expect(ends, timeout=left())
            child.close(force=True)
        status = (child.exitstatus if child.signalstatus is None
                  else -child.signalstatus)
        return status, pathlib.Path(log).read_text(errors="replace")

    def remove(self):
        shutil.rmtree(self.folder, ignore_errors=True)
