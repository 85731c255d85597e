# SPDX-License-Identifier: MIT
"""Tests the first hour on an empty machine: minimal Debian 12 and 13, a clone,
`make`.

Needs root, debootstrap and a network for apt. On each release it runs
`make run` as root and as another user with sudo, both on a terminal; checks
what make prints without a network, and where it must not install packages; and
runs the long steps (Debian 12: `make check`, Debian 13: `make quick` and the
boot tests). build/fresh/ gets the logs and the last result of each step.
--accept writes these results into docs/results/fresh.tsv if all steps have
passed.
"""

import dataclasses
import os
import pathlib
import re
import resource
import shutil
import time

from lethe import cli
from lethe.project import ROOT, commit
from lethe.release import chroot

RESULT = ROOT / "docs/results/fresh.tsv"
DOWNLOADS_MAX = 125  # MB for `make run`
CPU_MAX = {"quick": 360}  # seconds of CPU time
USER = "guest"
PASSWORD = "first hour"
SHORT = 1200  # seconds for `make run` and its packages
SIZE = re.compile(r"deps: (\d+) packages, (\d+) MB to download")
COUNT = re.compile(r"^(\d+) passed, (\d+) failed\s*$", re.MULTILINE)
RAN = re.compile(r"run: (\d+) checks passed; Lethe has powered off")
RELEASES = {"bookworm": ("12", ("check",)),
            "trixie": ("13", ("quick", "boot-test"))}
CLONE = "cd && git clone -q /source lethe && cd lethe && "
TRUST = "git config --system --add safe.directory '*' && "
DEPS = "CI=true sh tools/make/deps.sh check"
# Git and make, which a person has installed before
PREPARE = ("export DEBIAN_FRONTEND=noninteractive; apt-get update -qq && "
           "apt-get install -qq -y --no-install-recommends git make ")
# Removes the package lists, as on a machine that has never been online
FORGET = "rm -rf /var/lib/apt/lists/* && "


@dataclasses.dataclass
class Row:
    release: str
    step: str
    ok: bool
    what: str  # figures, or why it failed
    commit: str

    def line(self):
        return (f"{self.release}\t{self.step}\t"
                f"{'PASS' if self.ok else 'FAIL'}\t{self.what}\t"
                f"{self.commit}\n")


class Release:
    """The steps on one release; each returns (ok, what)."""

    def __init__(self, name, folder, source):
        self.name, self.folder, self.source = name, folder, source
        self.number, self.steps = RELEASES[name]
        self.base = folder / f"{name}-base"
        self.rows = folder / "rows"
        self.rows.mkdir(exist_ok=True)

    def log(self, step):
        return self.folder / f"{self.name}-{step}.txt"

    def fresh(self, more=""):
        """A minimal machine with git, make and `more`."""
        chroot.bootstrap(self.base, self.name)
        made = chroot.Chroot(self.base, self.folder / f"{self.name}-machine",
                             self.source)
        status, _ = made.run(PREPARE + more + f" && {TRUST} true",
                             self.log("prepare"))
        if status != 0:
            raise cli.Wrong("expected apt to install git and make, found that "
                            f"it failed; {self.log('prepare')} says why")
        return made

    def judge_run(self, status, said):
        """(ok, what) of a `make run` that has to print the size of its packages
        and the result."""
        size, ran = SIZE.search(said), RAN.search(said)
        if status != 0 or not size or not ran:
            return False, (f"status {status}, sizes {'' if size else 'not '}"
                           f"printed, result {'' if ran else 'not '}printed")
        packages, megabytes = int(size[1]), int(size[2])
        return (megabytes <= DOWNLOADS_MAX,
                f"{packages} packages, {megabytes} MB; {ran[1]} checks passed")

    def run_as_root(self):
        machine = self.fresh()
        return self.judge_run(*machine.type(
            f"{FORGET} {CLONE} exec make run", [(r"\[Y/n\] ", "y\n")],
            self.log("run-root"), SHORT))

    def run_as_user(self):
        machine = self.fresh("sudo")
        machine.run(f"useradd -m -s /bin/sh -G sudo {USER} && "
                    f"echo '{USER}:{PASSWORD}' | chpasswd",
                    self.log("useradd"))
        return self.judge_run(*machine.type(
            f"{CLONE} exec make run",
            [(r"\[Y/n\] ", "\n"), (r"password for", f"{PASSWORD}\n")],
            self.log("run-user"), SHORT, USER))

    def no_network(self):
        machine = self.fresh()
        status, said = machine.run(f"{FORGET} {CLONE} make run",
                                   self.log("no-network"), network=False)
        ok = status == 2 and "is there a network?" in said
        return ok, "says network" if ok else f"status {status}"

    def refused(self):
        """With APT=no, and after the answer no, make prints the command to type
        and ends with status 2."""
        machine = self.fresh()
        status, said = machine.run(f"{CLONE} make APT=no run",
                                   self.log("apt-no"))
        ok = status == 2 and "apt-get install" in said
        status, said = machine.type("cd ~/lethe && exec make run",
                                    [(r"\[Y/n\] ", "n\n")],
                                    self.log("answer-no"), SHORT)
        ok = ok and status == 2 and "apt-get install" in said
        return ok, "says the command" if ok else f"status {status}"

    def long(self, target):
        machine = self.fresh()
        machine.run(f"{CLONE} {DEPS}", self.log(f"{target}-packages"))
        before = cpu_seconds()
        status, said = machine.run(f"cd ~/lethe && make {target}",
                                   self.log(target))
        spent = cpu_seconds() - before
        found = COUNT.findall(said)
        if status != 0 or not found:
            return False, f"status {status}, {found[-1:]}"
        return (spent <= CPU_MAX.get(target, spent),
                f"{found[-1][0]} passed, {found[-1][1]} failed; "
                f"{spent:.0f} s of CPU time")

    def all(self):
        """[(name of the step, function, whether it is long)]"""
        return [("make run, root", self.run_as_root, False),
                ("make run, user with sudo", self.run_as_user, False),
                ("make run, no network", self.no_network, False),
                ("make run, not installed", self.refused, False),
                *((f"make {target}", lambda target=target: self.long(target),
                   True) for target in self.steps)]

    def store(self, row):
        path = self.rows / f"{self.name}-{row.step}".replace(" ", "-")
        path.with_suffix(".row").write_text(row.line())


def cpu_seconds():
    """CPU time of all children that have ended, and of theirs."""
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


def write(releases):
    """Writes the stored rows of all steps to RESULT; all must have passed."""
    lines = []
    for release in releases:
        for step, _, _ in release.all():
            path = (release.rows / f"{release.name}-{step}".replace(" ", "-")
                    ).with_suffix(".row")
            line = path.read_text() if path.exists() else ""
            if "\tPASS\t" not in line:
                raise cli.Wrong(f"expected that {release.name}: {step} has "
                                f"passed, found {line.strip() or 'no run'}")
            lines.append(line)
    RESULT.write_text(
        "# Written by make fresh-test ACCEPT=1. Minimal machines by "
        "debootstrap.\n# Release, step, result, figures, commit\n"
        + "".join(lines))


def choose_steps(release, args):
    return [(step, action) for step, action, is_long in release.all()
            if (not args.step or args.step == step)
            and not (args.short and is_long)]


def main():
    parser = cli.Parser("fresh", __doc__, build=True)
    parser.add_argument("--short", action="store_true",
                        help="leave out the long steps")
    parser.add_argument("--step",
                        help="run only this step, such as `make check`")
    parser.add_argument("--accept", action="store_true",
                        help="write docs/results/fresh.tsv")
    parser.add_argument("only", nargs="*", metavar="RELEASE",
                        help=f"{' or '.join(RELEASES)} (default: both)")
    args = parser.parse_args()
    if os.geteuid() != 0:
        raise cli.Wrong("expected root, because this makes chroots, found "
                        "another user; run it as root")
    if not shutil.which("debootstrap"):
        raise cli.Wrong("expected the command debootstrap, found none; "
                        "install it with apt-get install debootstrap")
    folder = pathlib.Path(args.build).resolve() / "fresh"
    folder.mkdir(parents=True, exist_ok=True)
    chosen = cli.choose(args.only, list(RELEASES), "release", "--help")
    releases = {name: Release(name, folder, ROOT) for name in RELEASES}
    passed = failed = 0
    for name in chosen:
        for step, action in choose_steps(releases[name], args):
            print(f"{name}: {step} ...", flush=True)
            begin = time.monotonic()
            said = commit()
            ok, what = action()
            releases[name].store(Row(name, step, ok, what, said))
            passed, failed = passed + ok, failed + (not ok)
            print(f"{name}: {step}: {'ok' if ok else 'FAIL'}: {what}, "
                  f"{time.monotonic() - begin:.0f} s", flush=True)
        shutil.rmtree(folder / f"{name}-machine", ignore_errors=True)
    if args.accept:
        write(releases.values())
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    cli.main("fresh", main)
