# SPDX-License-Identifier: MIT
"""Inserts bugs on purpose (mutants), one at a time, and expects tests to fail.

The mutants are the rows of tests/mutants*.toml. Each worker has a copy of the
source tree under build/mutants/: it changes one file there, rebuilds what
depends on it, runs the row's test and restores the file. A mutant is killed if
it builds, its test starts, and exactly the named checks fail; with `hang` the
guest's watchdog must also report that a check hangs. It counts as not killed
if its text does not occur exactly once in the file, or if its test fails on
the unchanged tree. With build = "fuzz" the fuzz target `only` runs for
FUZZ_SECONDS, with no corpus but the committed one. With build = "linux" it is
the row `only` of tests/linux.toml: minutes each, so these mutants run only with
--linux. The last line is `mutants: K of N killed`.
"""

import dataclasses
import os
import pathlib
import queue
import re
import shutil
import subprocess
import sys
import threading
import time
import tomllib

from lethe import cli, tap
from lethe.boot_tests import tables
from lethe.linux_guest import run as linux_guest, table as linux_table
from lethe.machine import console, ending, image
from lethe.machine.process import boot
from lethe.project import ROOT
from lethe.proof import fuzzing
from lethe.sources import walk

TABLES = sorted((ROOT / "tests").glob("mutants*.toml"))
HOST_LIMIT = 300
FUZZ_SECONDS = 60
FUZZ_UNCHANGED = 10  # seconds that the unchanged tree is fuzzed
ENGINE = ("fuzz", "hypercall")  # build and target of rows with `oracle`
FIRST_LINE = "# guest-test "
HANG = re.compile(r"^\w+\| not ok .*# hang", re.MULTILINE)


@dataclasses.dataclass
class Mutant:
    name: str
    file: str
    old: str
    new: str
    fails: list  # exactly these checks must print `not ok`
    # hv: a ROM boot; linux: a Linux; unit, explorer, fuzz: on the host
    build: str = "hv"
    cmdline: str = ""  # hv: words for the test guest
    cpus: int = 2
    vps: int = 0  # hv: VPs of the guest; 0: one for each CPU
    guest: str = ""  # hv: more lines of [partition guest]
    privileges: str = "all"
    # unit, explorer: part of the tests' names; fuzz: target; linux: row
    only: str = ""
    oracle: bool = False  # the hypercall engine's fuzzer has to find it
    make: str = ""  # a variable of the Makefile, as in STRETCH=200
    hang: bool = False
    limit: float = 120

    @property
    def command(self):
        return (self.build, self.make, self.cmdline, self.cpus, self.vps,
                self.guest, self.privileges, self.only)


@dataclasses.dataclass
class Run:
    """The result of one run of a test."""

    started: bool
    ended: bool  # the TAP plan was printed and is complete
    failed: list
    watchdog: bool
    said: list = dataclasses.field(default_factory=list)  # ending.explain()


class Tree:
    """A copy of the sources with a build of its own."""

    def __init__(self, folder):
        self.folder = folder
        self.copy()

    def copy(self):
        """Brings the copy up to date; unchanged files keep their time."""
        wanted = {str(path) for path in walk()}
        for name in wanted:
            target = self.folder / name
            data = (ROOT / name).read_bytes()
            if not target.exists() or target.read_bytes() != data:
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(data)
        for path in self.folder.rglob("*"):
            name = str(path.relative_to(self.folder))
            if path.is_file() and not name.startswith("build/") \
                    and name not in wanted:
                path.unlink()

    def make(self, mutant):
        """(ok, output)"""
        targets = {"hv": ["build/hv/lethe.elf", "build/guest/guest.elf",
                          "build/rom/rom.bin"],
                   "linux": ["machine", "build/linux-init/init"],
                   "unit": ["build/unit/unit"],
                   "explorer": ["build/explorer/explorer"],
                   "fuzz": [f"build/fuzz/{mutant.only}"]}[mutant.build]
        done = subprocess.run(
            ["make", "--no-print-directory", "O=build", *targets,
             *mutant.make.split()],
            cwd=self.folder, text=True, check=False,
            env=dict(os.environ, MAKEFLAGS=""),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT)
        return done.returncode == 0, done.stdout

    def run(self, mutant, changed=True):
        if mutant.build == "fuzz":
            return self.fuzz(mutant, FUZZ_SECONDS if changed
                             else FUZZ_UNCHANGED)
        return {"hv": self.boot, "linux": self.linux}.get(
            mutant.build, self.host)(mutant)

    def linux(self, mutant):
        """Boots a row of tests/linux.toml. Which checks fail: those of the
        init, and of judge.py."""
        row = next(row for row in linux_table.load()
                   if row.name == mutant.only)
        seen = linux_guest.run(image.Build(self.folder / "build"), row,
                               self.folder.parents[1])
        failed = [name.removeprefix(f"{row.name}: ")
                  for state, name, _ in seen.rows if state == "FAIL"]
        return Run(not seen.reason, not seen.said, failed, False,
                   [seen.reason, *seen.said, seen.figures])

    def fuzz(self, mutant, seconds):
        """Fuzzes without the inputs found with other mutants, which could help
        to find this one."""
        folder = self.folder / "build/fuzz"
        shutil.rmtree(folder / "corpus", ignore_errors=True)
        name, ok, lines = fuzzing.fuzz(folder / mutant.only, seconds, folder)
        for path in folder.glob("crash-*"):
            path.unlink()
        return Run(True, ok or bool(lines), [] if ok else [f"fuzz/{name}"],
                   False)

    def boot(self, mutant):
        build = image.Build(self.folder / "build")
        with build.run_folder(mutant.name) as place:
            text = image.config(
                f"{mutant.cmdline} cpus={mutant.vps or '@CPUS@'}",
                guest=mutant.guest, vps=mutant.vps,
                privileges=mutant.privileges)
            command = image.command(build, place.path, "rom", text,
                                    mutant.cpus)
            outcome = boot(place, command, mutant.limit,
                           HANG if mutant.hang else None)
            found = judge(console.guest_lines(outcome.text))
            if outcome.exit is None and not found.started:
                found.said = ending.explain(place, outcome)
        return found

    def host(self, mutant):
        only = [mutant.only] if mutant.only else []
        try:
            done = subprocess.run(
                [f"build/{mutant.build}/{mutant.build}", *only],
                cwd=self.folder, text=True, check=False, timeout=HOST_LIMIT,
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT)
        except subprocess.TimeoutExpired:
            return Run(True, False, [], False)
        return judge(done.stdout.splitlines())


def lives(lines):
    """The lines of each life: with the key `restarts` a guest has several."""
    found = [[]]
    for line in lines:
        if line.startswith(FIRST_LINE) and found[-1]:
            found.append([])
        found[-1].append(line)
    return found


def judge(lines):
    """A check that fails in several lives counts once."""
    streams = [tap.read(life) for life in lives(lines)]
    checks = [check for stream in streams for check in stream.checks]
    failed = [name for stream in streams for name in stream.names("FAIL")]
    return Run(bool(checks), not any(stream.errors for stream in streams),
               list(dict.fromkeys(failed)),
               any(check.state == "FAIL" and check.comment.startswith("hang")
                   for check in checks))


def verdict(mutant, run):
    """Why the mutant was not killed; empty if it was."""
    if not run.started:
        return "\n    ".join(["the suite did not start", *run.said])
    if sorted(run.failed) != sorted(mutant.fails):
        return f"failed: {', '.join(run.failed) or 'nothing'}; " \
               f"expected: {', '.join(mutant.fails)}"
    if mutant.hang and not run.watchdog:
        return "expected a report of the guest's watchdog, found none"
    if not mutant.hang and not run.ended:
        return "the suite did not end"
    return ""


def check_unchanged(tree, mutant):
    """Why the row's command fails without the change; empty if it passes."""
    ok, output = tree.make(mutant)
    if not ok:
        return f"the unchanged tree does not build:\n{output[-2000:]}"
    run = tree.run(mutant, changed=False)
    if not run.ended or run.failed:
        why = ", ".join(run.failed) or "the test did not end"
        return "\n    ".join([f"the unchanged tree fails: {why}", *run.said])
    return ""


def misses(mutant, path):
    """Why the row's text cannot be replaced in the file; empty if it can."""
    count = path.read_text().count(mutant.old) if path.exists() else 0
    return "" if count == 1 else (f"{mutant.file}: expected the text `old` "
                                  f"once, found it {count} times")


def try_mutant(tree, mutant):
    """Changes the file, runs the test and restores the file; returns why the
    mutant was not killed, or an empty text."""
    path = tree.folder / mutant.file
    why = misses(mutant, path)
    if why:
        return why
    text = path.read_text()
    path.write_text(text.replace(mutant.old, mutant.new))
    try:
        ok, output = tree.make(mutant)
        if not ok:
            return f"the mutant does not build:\n{output[-2000:]}"
        return verdict(mutant, tree.run(mutant))
    finally:
        path.write_text(text)


def worker(tree, work, results, unchanged, lock):
    while True:
        try:
            mutant = work.get_nowait()
        except queue.Empty:
            return
        began = time.monotonic()
        try:
            with lock:
                known = unchanged.get(mutant.command)
            why = check_unchanged(tree, mutant) if known is None else known
            with lock:
                unchanged[mutant.command] = why
            why = why or try_mutant(tree, mutant)
        except (OSError, ValueError) as error:
            why = str(error)
        with lock:
            results[mutant.name] = why
            seconds = time.monotonic() - began
            said = f"LIVES: {why}" if why else f"killed {seconds:.1f}s"
            print(f"[{len(results)}] {mutant.name} {said}", flush=True)


def load():
    found = [Mutant(**row) for table in TABLES
             for row in tomllib.loads(table.read_text()).get("mutant", [])]
    if len({mutant.name for mutant in found}) != len(found):
        sys.exit("mutants: expected names that differ, found one twice")
    for mutant in found:
        if not mutant.fails:
            sys.exit(f"mutants: {mutant.name}: `fails`: expected the checks "
                     "that must fail, found none")
        if mutant.oracle and (mutant.build, mutant.only) != ENGINE:
            sys.exit(f"mutants: {mutant.name}: `oracle`: expected the build "
                     f"and target {ENGINE}, found "
                     f"{(mutant.build, mutant.only)}")
    return found


def check():
    """Complaints about rows whose bug cannot be inserted, for lint/run.py"""
    return [f"{mutant.name}: {why}" for mutant in load()
            if (why := misses(mutant, ROOT / mutant.file))]


def main():
    parser = cli.Parser("mutants", __doc__, build=True)
    parser.add_argument("-j", "--jobs", type=cli.number(1, 64), default=1)
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--linux", action="store_true",
                        help="the mutants that a Linux has to find")
    parser.add_argument("only", nargs="*", help="part of a mutant's name")
    args = parser.parse_args()
    known = [mutant for mutant in load()
             if (mutant.build == "linux") == args.linux]
    chosen = tables.choose(known, args.only, "mutant",
                           cli.command("proof.mutants --list"))
    if args.list:
        print("\n".join(mutant.name for mutant in chosen))
        return 0
    # Rows with the same command share one run of the unchanged tree
    work = queue.Queue()
    for mutant in sorted(chosen, key=lambda mutant: mutant.command):
        work.put(mutant)
    results = {}
    shared = (work, results, {}, threading.Lock())
    base = pathlib.Path(args.build).resolve() / "mutants"
    threads = [threading.Thread(target=worker, daemon=True,
                                args=(Tree(base / str(number)), *shared))
               for number in range(min(args.jobs, max(len(chosen), 1)))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    killed = sum(not why for why in results.values())
    lives = len(chosen) - killed
    print(f"{killed} passed, {lives} failed")
    print(f"mutants: {killed} of {len(chosen)} killed")
    return 1 if lives or not chosen else 0


if __name__ == "__main__":
    cli.main("mutants", main)
