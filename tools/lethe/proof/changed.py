# SPDX-License-Identifier: MIT
"""Runs the part of `make check` that a change can affect.

The change consists of the files of the working tree, new ones included, that
differ from the commit --base. Without --base that is the commit at which this
branch left origin/main; if that is the last commit itself and no file has
changed since, it is the commit before the last. tests/changed.toml says which
checks a file can affect. The tool prints what it runs with the files that are
the reason, and the steps that it leaves out. The last line is
`N passed, N failed`.
"""

from lethe import cli  # first: until it has run, Ctrl-C gives a traceback

import collections
import fnmatch
import functools
import re
import subprocess
import tomllib

from lethe.boot_tests import tables
from lethe.project import ROOT
from lethe.proof import check, mutants
from lethe.sources import walk

TABLE = ROOT / "tests/changed.toml"
KEYS = {"files", "steps", "boots", "fuzz", "mutants"}
ALWAYS = "lint"
QUICK = "quick"
BOOT_TESTS = "boot tests"
# The tables of boot tests and mutants: a changed row selects the boot test or
# mutant that it describes
BOOT_TABLES = {f"tests/{name}" for name in tables.TABLES}
MUTANT_TABLES = {f"tests/{path.name}" for path in mutants.TABLES}
EXPECTED = "tests/expected/"
HUNK = re.compile(r"^@@ -\S+ \+(\d+)(?:,(\d+))? @@", re.MULTILINE)
NAME = re.compile(r'^name = "(.*)"$')
FILES_SHOWN = 3
# The steps that a row of the table may name under `steps`
WHOLE = [name for name in check.FULL if name not in
         ("build", ALWAYS, BOOT_TESTS, "mutants", "status")]


@functools.cache
def rows():
    return tomllib.loads(TABLE.read_text())["change"]


def matches(row, path):
    return any(fnmatch.fnmatchcase(path, pattern) for pattern in row["files"])


def complaints():
    """What is wrong with the table, for lint."""
    paths = [str(path) for path in walk()]
    found = []
    boots = {test.name for test in tables.load()}
    bugs = {mutant.name for mutant in mutants.load()}
    for row in rows():
        name = f"tests/changed.toml: {row['files'][0]}"
        found += [f"{name}: expected keys of {sorted(KEYS)}, found `{key}`"
                  for key in row.keys() - KEYS]
        found += [f"{name}: steps: expected steps of {WHOLE}, found `{step}`"
                  for step in row.get("steps", ()) if step not in WHOLE]
        found += [f"{name}: {key}: expected a part of the name of a {what}, "
                  f"found `{word}`"
                  for key, what, known in (("boots", "boot test", boots),
                                           ("mutants", "mutant", bugs))
                  for word in row.get(key, ())
                  if word != QUICK and not any(word in one for one in known)]
        found += [f"{name}: fuzz: expected a target, hv/test/fuzz/NAME.c, "
                  f"found `{target}`"
                  for target in row.get("fuzz", ())
                  if not (ROOT / f"hv/test/fuzz/{target}.c").exists()]
        if not any(matches(row, path) for path in paths):
            found.append(f"{name}: expected patterns that match a file, "
                         "found none")
    return found + [f"{path}: expected a row of tests/changed.toml that "
                    "matches this file, found none: add one"
                    for path in paths
                    if not any(matches(row, path) for row in rows())]


def git(*words):
    done = subprocess.run(["git", *words], cwd=ROOT, text=True, check=False,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE)
    return done.stdout if done.returncode == 0 else None


def commit(name):
    found = git("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
    return found.strip() if found else None


def new_files():
    return (git("ls-files", "--others", "--exclude-standard") or "").split(
        "\n")[:-1]


def base(asked):
    """The commit to compare with."""
    if git("rev-parse", "--git-dir") is None:
        raise cli.Wrong("expected a git clone, found none: run `make check`, "
                        "which needs none")
    if asked:
        found = commit(asked)
        if not found:
            raise cli.Wrong(f"--base: expected a commit, found `{asked}`")
        return found
    head = commit("HEAD")
    left = (git("merge-base", "HEAD", "origin/main") or "").strip() or head
    if left == head and not git("status", "--porcelain"):
        return commit("HEAD~1") or head
    return left


def changed_files(since):
    told = git("diff", "--name-only", "--no-renames", since) or ""
    return sorted({*told.split("\n")[:-1], *new_files()})


def changed_rows(path, since):
    """The names of the table's rows that have changed lines."""
    whole = ROOT / path
    if not whole.exists():
        return set()
    lines = whole.read_text().split("\n")
    told = git("diff", "--unified=0", since, "--", path) or ""
    numbers = {number for first, count in HUNK.findall(told)
               for number in range(int(first),
                                   int(first) + max(int(count or 1), 1))}
    if path in new_files():
        numbers = set(range(1, len(lines) + 1))
    found, begin = set(), 0
    for number, line in enumerate([*lines, "[[end]]"], 1):
        if line.startswith("[["):
            block = lines[max(begin - 1, 0):number - 1]
            name = next((NAME.match(one)[1] for one in block
                         if NAME.match(one)), "")
            if name and numbers & set(range(begin, number)):
                found.add(name)
            begin = number
    return found


class Plan:
    """What is run, each part with the files that are the reason."""

    def __init__(self, since, paths):
        self.steps = collections.defaultdict(set)
        self.boots = collections.defaultdict(set)
        self.mutants = collections.defaultdict(set)
        self.fuzz = collections.defaultdict(set)
        self.unknown = []
        self.boot_tests = tables.load()
        self.bugs = mutants.load()
        for path in paths:
            self.add_rows(path)
            self.add_own(path, since)

    def add_rows(self, path):
        found = [row for row in rows() if matches(row, path)]
        if not found:
            self.unknown.append(path)
        for row in found:
            for step in row.get("steps", ()):
                self.steps[step].add(path)
            for target in row.get("fuzz", ()):
                self.fuzz[target].add(path)
            for word in row.get("boots", ()):
                for test in self.boot_tests:
                    if test.quick if word == QUICK else word in test.name:
                        self.boots[test.name].add(path)
            for word in row.get("mutants", ()):
                for bug in self.bugs:
                    if word in bug.name:
                        self.mutants[bug.name].add(path)

    def add_own(self, path, since):
        """Adds what needs no row: changed rows of boot tests and mutants, the
        boot test of changed results, the mutants of a changed file."""
        names = changed_rows(path, since) if path in (
            BOOT_TABLES | MUTANT_TABLES) else ()
        for test in self.boot_tests:
            # A row with several numbers of CPUs makes a test NAME-N for each
            is_own = {test.name, test.name.rpartition("-")[0]} & set(names)
            if is_own and path in BOOT_TABLES or \
                    path == f"{EXPECTED}{test.name}.tsv":
                self.boots[test.name].add(path)
        for bug in self.bugs:
            if bug.file == path or bug.name in names and \
                    path in MUTANT_TABLES:
                self.mutants[bug.name].add(path)

    def commands(self, build):
        """[(step, command, its parts, files)] in the order of make check."""
        known = check.commands(build)
        if "fuzz" in self.steps:
            self.fuzz.clear()
        found = []
        for step in check.FULL:
            command, parts, files = known[step], [], self.steps.get(step, ())
            if step == ALWAYS:
                files = {"always"}
            elif step == "fuzz" and self.fuzz:
                parts = sorted(self.fuzz)
                command = [*command, f"ONLY={' '.join(parts)}"]
                files = set().union(*self.fuzz.values())
            elif step == BOOT_TESTS and self.boots:
                parts = list(self.boots)
                command = [*command, "--exact", *parts]
                files = set().union(*self.boots.values())
            elif step == "mutants" and self.mutants:
                parts = list(self.mutants)
                command = [*command, *parts]
                files = set().union(*self.mutants.values())
            if files:
                found.append((step, command, parts, sorted(files)))
        if any(step != ALWAYS for step, *_ in found):
            found.insert(0, ("build", known["build"], [],
                             ["the other steps need it"]))
        return found


def shown(words, most):
    words = list(words)
    more = f" and {len(words) - most} more" if len(words) > most else ""
    return ", ".join(words[:most]) + more


def tell(plan, since, paths, commands):
    print(f"files that differ from {since[:10]}: {len(paths)}")
    for step, _, parts, files in commands:
        print(f"runs {step}: {shown(files, FILES_SHOWN)}")
        for part in parts:
            print(f"     {part}")
    chosen = {step for step, *_ in commands}
    print("leaves out: "
          + ", ".join(step for step in check.FULL if step not in chosen))
    for path in plan.unknown:
        print(f"not ok {path}: no row of tests/changed.toml matches it; add "
              "one, or run `make check`")
    print(end="", flush=True)


def main():
    parser = cli.Parser("check-changed", __doc__, build=True)
    parser.add_argument("--base", metavar="COMMIT")
    parser.add_argument("--list", action="store_true",
                        help="only prints what it would run")
    args = parser.parse_args()
    since = base(args.base)
    paths = changed_files(since)
    plan = Plan(since, paths)
    commands = plan.commands(args.build) if paths else []
    tell(plan, since, paths, commands)
    if args.list:
        return 0
    steps = [check.Step(step, command) for step, command, *_ in commands]
    return check.run(steps, len(plan.unknown))


if __name__ == "__main__":
    cli.main("check-changed", main)
