# SPDX-License-Identifier: MIT
"""All checks that do not run Lethe: compilers, clang-format, clang-tidy,
cppcheck, each header compiled alone, shellcheck, flake8, the calls out of
hv/core, and the project's own rules (rules.py and the other modules here).

A check that passed is not repeated while its file, its command, all headers and
the settings of the tools stay the same; build/lint/passed has the hashes. The
last line is `N passed, N failed`.
"""

import hashlib
import os
import pathlib
import re
import subprocess
import time

from lethe import cli
from lethe.docs import (abi, conformance, messages, performance,
                        quoted_numbers, troubleshooting)
from lethe.linux_bench import report as linux_bench
from lethe.lint import (cited, declared, folders, repeated, rules,
                        tool_folders)
from lethe.project import ROOT
from lethe.proof import changed, mutants, rule_names
from lethe.sources import Flags, NOT_C, walk
from lethe.tables import refusals, write as tables

SELF = pathlib.Path(__file__).relative_to(ROOT)
JOBS = os.cpu_count() or 2
IN_C = {".c", ".h"}
SYMBOL = re.compile(r"^\s*(?:[0-9a-f]+\s+)?([A-Za-z])\s+(\S+)$")


def run(command):
    """(ok, output)"""
    done = subprocess.run([str(word) for word in command], cwd=ROOT, text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False)
    return done.returncode == 0, done.stdout


def tidy(path, flags):
    kept = [flag for flag in flags if flag != "-Werror"]
    return ["clang-tidy", "--quiet", path, "--", *kept]


def cppcheck(path, flags):
    words = [flag for flag in flags if flag.startswith(("-I", "-D"))]
    return ["cppcheck", "--quiet", "--error-exitcode=1", "--inline-suppr",
            "--enable=warning,performance,portability", "--std=c11",
            "--platform=unix64",
            "--suppressions-list=tools/lethe/lint/cppcheck.txt", *words, path]


def alone(path, flags):
    """Compiles the header alone, included twice."""
    return ["gcc", *flags, "-fsyntax-only", "-x", "c", "-include", path,
            "-include", path, "/dev/null"]


def alone_clang(path, flags):
    return ["clang", *alone(path, flags)[1:]]


def shellcheck(path, _):
    return ["shellcheck", path]


CHECKS = {".c": (tidy, cppcheck), ".h": (alone, alone_clang),
          ".sh": (shellcheck,)}
CONFIGS = (".clang-tidy", ".clang-format", "cppcheck.txt", "flake8.ini")
SHELL = {".ci/run": (shellcheck,)}  # scripts without a suffix
FLAKE8 = ["/usr/bin/python3", "-m", "flake8", "--config",
          "tools/lethe/lint/flake8.ini"]
FORMAT = ["clang-format", "--dry-run", "-Werror"]

# Other versions of these tools report other things for the same text:
# clang-format 19 breaks macros at other columns, cppcheck 2.17 takes register
# variables for syntax errors. Only these versions, Debian 12's, are run.
VERSIONS = {"form": ("clang-format", "14."), "cppcheck": ("cppcheck", "2.10")}


def other_versions():
    """{check: why it is left out}"""
    found = {}
    for check, (tool, wanted) in VERSIONS.items():
        _, said = run([tool, "--version"])
        version_said = re.search(r"\d+\.[\d.]+", said)
        if not version_said or not version_said[0].startswith(wanted):
            found[check] = (f"{tool}: expected version {wanted.rstrip('.')}, "
                            f"found {said.strip()}: this check is left out")
    return found


class Passed:
    """Hashes of the commands and files of the checks that passed."""

    def __init__(self, path, common):
        self.path = path
        self.common = common
        self.keys = set(path.read_text().split()) if path.exists() else set()
        self.used = set()

    def key(self, command, data):
        words = "\0".join(map(str, command)).encode()
        return hashlib.sha256(self.common + words + b"\0" + data).hexdigest()

    def save(self):
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text("\n".join(sorted(self.used)))


def common_hash(files):
    """The hash of all files that any check may depend on besides its own."""
    total = hashlib.sha256()
    for path in files:
        if path.suffix in (".h", ".def", ".inc") or path.name in CONFIGS or \
                path == SELF:
            total.update(str(path).encode() + (ROOT / path).read_bytes())
    return total.digest()


def check_file(check, path, flags, passed):
    """(name, ok, output)"""
    command = check(path, flags)
    key = passed.key(command, (ROOT / path).read_bytes())
    ok, output = (True, "") if key in passed.keys else run(command)
    if ok:
        passed.used.add(key)
    return f"{check.__name__} {path}", ok, output


def check_files(files, build):
    passed = Passed(ROOT / build / "lint/passed", common_hash(files))
    flags = Flags(build)
    left_out = other_versions()
    for why in left_out.values():
        print(f"lint: {why}", flush=True)
    jobs = [(check, path, flags.of(path) if path.suffix in IN_C else ())
            for path in files if path.parts[0] != NOT_C
            for check in CHECKS.get(path.suffix, SHELL.get(str(path), ()))
            if check.__name__ not in left_out]
    with cli.Pool(JOBS) as pool:
        results = list(pool.map(
            lambda job: check_file(*job, passed), jobs))
    results += check_at_once("flake8", FLAKE8, [
        path for path in files if path.suffix == ".py"], passed)
    if "form" not in left_out:
        results += check_at_once("form", FORMAT, [
            path for path in files
            if path.suffix in IN_C and path.parts[0] != NOT_C], passed)
    passed.save()
    return results


def check_at_once(name, command, files, passed):
    """Runs the tool once for all files: its start takes as long as some files.
    It begins each line about a file with the path."""
    keys = {path: passed.key(command, (ROOT / path).read_bytes())
            for path in files}
    stale = [path for path in files if keys[path] not in passed.keys]
    ok, output = run([*command, *stale]) if stale else (True, "")
    said = {path: "".join(f"{line}\n" for line in output.splitlines()
                          if line.startswith(f"{path}:")) for path in files}
    if not ok and not any(said.values()):
        return [(name, False, output)]
    passed.used |= {keys[path] for path in files if not said[path]}
    return [(f"{name} {path}", not said[path], said[path]) for path in files]


def core_seam(build):
    """hv/core and hv/common call out only through core/port/port.h."""
    objects = sorted(path for part in ("core", "common")
                     for path in (ROOT / build / "hv" / part).rglob("*.o"))
    ok, output = run(["nm", *objects])
    if not ok or not objects:
        return [("core seam", False,
                 output or "expected objects, found none\n")]
    defined = set()
    wanted = set()
    for line in output.splitlines():
        found = SYMBOL.match(line)
        if found:
            (wanted if found[1] == "U" else defined).add(found[2])
    stray = sorted(name for name in wanted - defined
                   if not name.startswith("port_"))
    return [("core seam", not stray, "expected calls of port_*() "
             f"only, found {', '.join(stray)}\n")]


def compilers(build):
    """Compiles all programs and the unit tests with both compilers."""
    for name, folder in (("gcc", build), ("clang", f"{build}/clang")):
        ok, output = run(["make", f"-j{JOBS}", "-k", f"CC={name}",
                          f"O={folder}", "all", f"{folder}/unit/unit"])
        yield f"compile with {name}", ok, output


def own_rules(files, build):
    for path in files:
        try:
            text = (ROOT / path).read_text()
        except UnicodeDecodeError:
            continue
        for warning in rules.warnings(path, text):
            print(f"lint: warning: {warning}")
        found = rules.check_text(path, text)
        if found or rules.is_code(path):
            yield f"rules {path}", not found, "\n".join(found) + "\n"


def agreement(build):
    untrue = tables.check()
    found = abi.check()
    refused = refusals.check()
    named = rule_names.check()
    stale = [*performance.check(), *conformance.check(), *linux_bench.check()]
    unsaid = messages.check()
    unhelped = troubleshooting.check()
    wrong = quoted_numbers.check(build)
    misplaced = [*folders.check(), *tool_folders.check()]
    elsewhere = declared.check()
    uncited = cited.check()
    twice = repeated.check()
    unmatched = changed.complaints()
    missed = mutants.check()
    return [("tables", not untrue, "\n".join(untrue) + "\n"),
            ("abi", not found, "\n".join(found) + "\n"),
            ("refusals", not refused, "\n".join(refused) + "\n"),
            ("rules", not named, "\n".join(named) + "\n"),
            ("written documents", not stale, "\n".join(stale) + "\n"),
            ("messages", not unsaid, "\n".join(unsaid) + "\n"),
            ("troubleshooting", not unhelped, "\n".join(unhelped) + "\n"),
            ("folders", not misplaced, "\n".join(misplaced) + "\n"),
            ("declarations", not elsewhere, "\n".join(elsewhere) + "\n"),
            ("repeated code", not twice, "\n".join(twice) + "\n"),
            ("decisions", not uncited, "\n".join(uncited) + "\n"),
            ("what a change can affect", not unmatched,
             "\n".join(unmatched) + "\n"),
            ("texts of mutants", not missed, "\n".join(missed) + "\n"),
            ("numbers in documents", not wrong, "\n".join(wrong) + "\n")]


def status(results=None):
    found = rules.status((ROOT / "README.md").read_text(), results)
    return [("README status", not found, "\n".join(found) + "\n")]


def main():
    parser = cli.Parser("lint", __doc__, build=True)
    parser.add_argument("--status", action="store_true",
                        help="checks only README's status table, and that its "
                        "tests passed when they last ran")
    args = parser.parse_args()
    build = pathlib.Path(args.build)
    files = walk()
    begin = time.monotonic()
    failed = passed = 0
    parts = [lambda: compilers(build), lambda: check_files(files, build),
             lambda: core_seam(build), lambda: own_rules(files, build),
             lambda: agreement(build)]
    results = None
    if args.status:
        parts = []
        results = ROOT / build / "results"
    for part in [*parts, lambda: status(results)]:
        for name, ok, output in part():
            passed += ok
            failed += not ok
            if not ok:
                print(f"lint: {name} FAIL\n{output}", end="", flush=True)
    print(f"lint: {time.monotonic() - begin:.0f} s")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0
