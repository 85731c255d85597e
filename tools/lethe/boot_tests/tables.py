# SPDX-License-Identifier: MIT
"""Reads the tables of boot tests: tests/*.toml (see docs/testing.md)."""

import dataclasses
import re
import tomllib

from lethe import cli
from lethe.machine import image
from lethe.project import ROOT

EXPECTED = ROOT / "tests/expected"
TABLES = ("boot.toml", "crash.toml", "config.toml", "uefi.toml", "suites.toml",
          "inhibit.toml", "storms.toml", "storms_print.toml", "endings.toml",
          "shadow.toml", "sanitize.toml",
          "life.toml", "portable.toml")
# The test guest without Lethe
GUEST_LOADERS = ("guest-kernel", "guest-uefi", "guest-bochs")
NESTED = ("nested.toml",)
EVERY = TABLES + NESTED


@dataclasses.dataclass
class Case:
    """One configuration of a boot that is shared through startup.nsh."""

    name: str
    config: str
    console: list = dataclasses.field(default_factory=list)
    forbid: list = dataclasses.field(default_factory=list)
    missing: str = ""  # tests/expected/FILE: what each checked CPU lacks
    encoding: str = "utf-8"  # of lethe.conf on the disk
    folder: bool = False  # lethe.conf is a folder


@dataclasses.dataclass
class Test:
    name: str
    loader: str  # rom, uefi, qemu-tcg, nested
    cpus: int = 1
    config: str = ""  # lethe.conf; without it the next fields make one
    conf: str = ""  # instead: a file of the project, used as lethe.conf
    # Path in lethe.conf: file of the build folder
    files: dict = dataclasses.field(default_factory=dict)
    cmdline: str = ""
    hypervisor: str = ""  # more lines for [hypervisor]
    guest: str = ""  # more lines for [partition guest]
    privileges: str = "all"
    vps: int = 0  # of the guest; 0: one for each CPU
    suites: str = ""  # guest suites, compared with tests/expected/NAME.tsv
    like: str = ""  # the test with the same checks; absent: a list of its own
    # The guest's lines `# WORD …` are those of tests/expected/NAME.WORD.tsv
    printed: str = ""
    exit: int | None = None  # absent: the loader must start nothing
    reason: str = ""  # expression for the exit line's reason
    console: list = dataclasses.field(default_factory=list)
    forbid: list = dataclasses.field(default_factory=list)
    com2: list = dataclasses.field(default_factory=list)  # what COM2 shows
    numbered: int = 0  # bytes of the suite print-numbered: serial.py
    blind: int = 0  # of print-blind
    stop: str = ""  # end the run when the console shows this
    guest_exit: int | None = None  # code at QEMU's exit port, without Lethe
    limit: float = 300
    memory: int = 384
    ips: int = 0  # instructions of an emulated second; 0: emulator.IPS
    images: list = dataclasses.field(default_factory=list)  # bad_images.py
    cases: list = dataclasses.field(default_factory=list)
    make: str = ""  # a variable of make: the test has its own build with it
    invvpid: bool = False  # compare records of INVVPIDs: invvpid.py
    sanitize: bool = False  # the sanitizer finds the seeds alone: sanitize.py
    quick: bool = False  # part of `make quick`
    cpu: str = ""  # nested: QEMU's -cpu; absent: host
    # nested: lines for the debug console, each typed when a prompt waits
    typed: list = dataclasses.field(default_factory=list)
    ready: str = ""  # nested: the console shows this before the first is typed
    missing: str = ""  # as in Case
    encoding: str = "utf-8"  # as in Case

    def text(self):
        if self.config:
            return self.config
        if self.conf:
            return (ROOT / self.conf).read_text()
        words = self.cmdline
        if self.suites:
            words = (f"suite={self.suites} cpus={self.vps or '@CPUS@'} "
                     f"{words}")
        return image.config(words.strip(), self.hypervisor, self.guest,
                            self.privileges, self.vps)

    @property
    def expected(self):
        return EXPECTED / f"{self.like or self.name}.tsv"

    @property
    def expected_lines(self):
        return EXPECTED / f"{self.name}.{self.printed}.tsv"


def expand(row):
    """The tests of one row: one for each number of CPUs."""
    cases = [Case(**case) for case in row.pop("case", [])]
    cpus = row.pop("cpus", 1)
    if not isinstance(cpus, list):
        return [Test(**row, cpus=cpus, cases=cases)]
    name = row.pop("name")
    return [Test(**row, name=f"{name}-{n}", cpus=n, cases=cases) for n in cpus]


def check(test):
    for text in (*test.console, *test.com2, *test.forbid, test.stop,
                 test.reason, test.ready):
        re.compile(text)
    if bool(test.typed) != bool(test.ready) or \
            test.typed and test.loader != "nested":
        raise ValueError(f"{test.name}: expected typed and ready together, "
                         "with the loader nested")
    if test.loader in GUEST_LOADERS:
        return
    if test.loader not in ("rom", "uefi", "qemu-tcg", "nested"):
        raise ValueError(f"{test.name}: expected the loader rom, uefi, "
                         f"qemu-tcg or nested, found {test.loader}")


def choose(known, words, what, listing, exact=False):
    """The tests whose names cli.choose() takes."""
    names = cli.choose(words, [test.name for test in known], what, listing,
                       exact)
    return [test for test in known if test.name in names]


def load(tables=TABLES):
    """All tests in the order of the tables; names are unique."""
    found = []
    for name in tables:
        path = ROOT / "tests" / name
        for row in tomllib.loads(path.read_text())["test"]:
            try:
                found += expand(row)
                check(found[-1])
            except (TypeError, ValueError, re.error) as error:
                raise SystemExit(f"{name}: {row.get('name')}: {error}")
    names = [test.name for test in found]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise SystemExit("tests: expected names that differ, found twice: "
                         f"{', '.join(sorted(twice))}")
    return found
