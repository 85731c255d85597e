# SPDX-License-Identifier: MIT
"""Writes docs/conformance.md: the result of each check on Lethe and on KVM.

The sources are docs/results/ (which peer/run.py writes), tests/known-kvm.toml
and tests/peer-cases.toml. --check compares instead of writing: the document is
never edited by hand.
"""

import re
import tomllib

from lethe import cli
from lethe.peer import known
from lethe.project import ROOT

RESULTS = ROOT / "docs/results"
KNOWN = ROOT / "tests/known-kvm.toml"
CASES = ROOT / "tests/peer-cases.toml"
PATH = ROOT / "docs/conformance.md"
# A check runs several times; of its results the first in this order counts.
WORST = ("FAIL", "KNOWN", "PASS", "SKIP")
FEW = "too few VPs"  # any other result of the check counts instead
RIGHT = {"lethe": "Lethe", "kvm": "KVM", "open": "open"}

INTRO = """# Conformance

`lethe.docs.conformance` writes this file from `docs/results/`, which `make \
peer-test` measures: the same guest kernel (`guest-test/`, docs/suite.md) runs \
on Lethe and on KVM in the same emulator. `make lint` checks that the file is \
up to date.

A check runs with several numbers of VPs and VP indices, on Lethe also with \
fewer privileges. The table has its worst result; SKIP only if it was skipped \
every time. KNOWN: the check fails with exactly the value that \
`tests/known-kvm.toml` has. Headings are TLFS's unless another document is \
named.
"""


def read(name):
    """(head lines, rows as dictionaries) of a table of results."""
    lines = (RESULTS / name).read_text().splitlines()
    head = [line[2:] for line in lines if line.startswith("# ")]
    rows = [line.split("\t") for line in lines if not line.startswith("# ")]
    return head, [dict(zip(rows[0], row)) for row in rows[1:]]


def merge(rows):
    """{check: its worst row}, in the order in which they came."""
    found = {}
    for row in rows:
        old = found.get(row["check"])
        if not old or old["values"] == FEW or \
                WORST.index(row["state"]) < WORST.index(old["state"]):
            found[row["check"]] = row
    return found


def cell(row):
    if not row:
        return "–"
    if row["state"] == "PASS":
        return "PASS"
    return f"{row['state']} ({row['values']})"


def heading(row):
    return row["heading"].removeprefix("TLFS: ")


def table(lethe, kvm):
    """A table for each suite."""
    suites = dict.fromkeys(name.partition("/")[0] for name in lethe)
    for suite in suites:
        yield f"\n### {suite}\n"
        yield "| check | TLFS | Lethe | KVM |"
        yield "|---|---|---|---|"
        for name, row in lethe.items():
            if name.partition("/")[0] == suite:
                yield (f"| `{name.partition('/')[2]}` | {heading(row)} | "
                       f"{cell(row)} | {cell(kvm.get(name))} |")


def count(rows):
    states = [row["state"] for row in rows.values()]
    return " | ".join(str(states.count(state)) for state in
                      ("PASS", "FAIL", "KNOWN", "SKIP"))


def ticked(names):
    return ", ".join(f"`{name}`" for name in names)


def differences(deviations, kvm):
    yield "| checks | KVM | who is right | reason |"
    yield "|---|---|---|---|"
    for row in deviations:
        seen = [name for name in row["checks"]
                if kvm.get(name, {}).get("state") == "KNOWN"]
        if seen:
            yield (f"| {ticked(seen)} | {row['why']} | {RIGHT[row['right']]} | "
                   f"{row['because']} |")


def skips(kvm):
    """Why, and how often."""
    reasons = [row["values"] for row in kvm.values() if row["state"] == "SKIP"]
    yield "| checks | reason |"
    yield "|---|---|"
    for reason in sorted(set(reasons), key=lambda it: (-reasons.count(it), it)):
        yield f"| {reasons.count(reason)} | {reason} |"


def peer_cases(groups):
    for group in groups:
        yield f"\n**{group['name']}**\n"
        yield "| case | here |"
        yield "|---|---|"
        for case, names, *why in group["cases"]:
            yield f"| {case} | {ticked(names) or why[0]} |"


def load():
    deviations = tomllib.loads(KNOWN.read_text())["known"]
    groups = tomllib.loads(CASES.read_text())["group"]
    head, rows = read("lethe-suites.tsv")
    other, kvm = read("peer-suites.tsv")
    return deviations, groups, head, other, merge(rows), merge(kvm)


def generate():
    deviations, groups, head, _, lethe, kvm = load()
    lines = [INTRO, "Measured with:", "", *(f"    {line}" for line in head), "",
             "| on | PASS | FAIL | KNOWN | SKIP |", "|---|---|---|---|---|",
             f"| Lethe | {count(lethe)} |", f"| KVM | {count(kvm)} |", "",
             "## Where they differ", "", *differences(deviations, kvm), "",
             "Skipped on KVM, by reason:", "", *skips(kvm), "",
             "## Check by check", *table(lethe, kvm), "",
             "## The peers' own tests", "",
             "What KVM's selftests, kvm-unit-tests and OpenVMM's tests test, "
             "and which check tests it here.", *peer_cases(groups), "",
             "## Out of scope", "",
             "Nested virtualisation (hyperv_evmcs, hyperv_svm_test and most of "
             "vmx_tests): Lethe shows no VMX to its guests. loom: it explores "
             "Rust code; docs/models has the protocols in Promela, and `make "
             "explore` explores the C code. Lethe itself relies on INVVPID's "
             "descriptor rules, which vmx_tests tests: the boot test "
             "`selftest-invvpid` tests them here.", "",
             "Suites that run only on Lethe are not here: `overcommit` and "
             "`lock` (KVM's leaf 5 EBX is 0, so the guest cannot know which "
             "VPs share a CPU), `control-…`, `inhibit-stop`, `inhibit-dead`, "
             "`isolate-…` and `records`.", ""]
    return re.sub(r" +\|", " |", "\n".join(lines))


def complaints():
    """What is wrong with the results and the tables."""
    _, groups, head, other, lethe, kvm = load()
    if head != other:
        yield ("docs/results: expected lethe-suites.tsv and peer-suites.tsv of "
               "one run, found two runs: `make peer-test` writes both")
    for who, rows in (("Lethe", lethe), ("KVM", kvm)):
        yield from (f"{who}: {name} failed" for name, row in rows.items()
                    if row["state"] == "FAIL")
    yield from (f"{name}: expected the heading of a specification, found none"
                for name, row in lethe.items()
                if not row["heading"] and name != "start/processors")
    expected = {line.split("\t")[1] for path in
                (ROOT / "tests/expected").glob("*.tsv")
                for line in path.read_text().splitlines()
                if line.startswith("PASS\t")}
    units = "".join(path.read_text() for path in
                    (ROOT / "hv/test/unit").rglob("*_test.c"))
    for group in groups:
        for case, names, *why in group["cases"]:
            if bool(names) == any(why):
                yield f"{CASES.name}: {case}: expected checks or a reason"
            yield from (f"{CASES.name}: {case}: expected checks, found "
                        f"`{name}`" for name in names
                        if name not in expected and not (
                            name.startswith("unit/") and
                            f'"{name.rpartition("/")[2]}"' in units))


def check():
    """What is wrong, for lint/run.py."""
    found = list(complaints())
    if not PATH.exists() or PATH.read_text() != generate():
        found.append("docs/conformance.md: differs from what "
                     f"`{cli.command('docs.conformance')}` writes: run it")
    return found


def main():
    parser = cli.Parser("conformance", __doc__)
    parser.add_argument("--check", action="store_true")
    args = parser.parse_args()
    known.Known(KNOWN)  # complains of rows without a reason
    if not args.check:
        PATH.write_text(generate())
    found = check()
    print("\n".join(found) or "docs/conformance.md agrees with the results")
    return 1 if found else 0


if __name__ == "__main__":
    cli.main("conformance", main)
