# SPDX-License-Identifier: MIT
"""Runs the rows of controls.py, a few in each Linux, and writes
docs/nested.tsv: row, result, what was seen. A row that has never run is written
as `not run`. A Linux whose inputs have not changed is not run again.
"""


from lethe import cli
from lethe.boot_tests import runner, tables
from lethe.linux import run as linux_run
from lethe.machine import image
from lethe.nested import controls, run as nested
from lethe.project import ROOT, commit

TABLE = ROOT / "docs/nested.tsv"
AT_A_TIME = 6
HEAD = "row\tresult\tseen\tcommit\n"


def read():
    """{row: line} of the committed table."""
    if not TABLE.exists():
        return {}
    lines = TABLE.read_text().splitlines()
    return {line.split("\t")[0]: line for line in lines
            if line and not line.startswith(("#", "row\t"))}


def write(table, report):
    text = ["# Written by make nested-full. Linux 6.1 with KVM in Bochs 2.7,",
            "# QEMU and OVMF of Debian 12. Each row: one VMX feature is off.",
            *(f"# {line}" for line in report)]
    rows = [table.get(test.name, f"{test.name}\tnot run\t\t")
            for test in controls.load()]
    TABLE.write_text("\n".join(text) + "\n" + HEAD + "\n".join(rows) + "\n")


def seen(rows, done):
    bad = [f"{name}: {why}" for state, name, why in rows if state == "FAIL"]
    if bad:
        return "; ".join(bad).replace("\t", " ").replace("\n", " ")
    if done.exit:
        return f"exit code={done.exit[0]}"
    return "refused: " + ", ".join(
        found[2].strip() for found in nested.judge.MISSING.finditer(done.text)
        if found[1] == "0")


def groups(chosen):
    """Groups of rows that share a Linux. Rows with one CPU share none with rows
    of two, because a Linux with one CPU takes half the time."""
    for cpus in (1, 2):
        same = [test for test in chosen if test.cpus == cpus]
        for at in range(0, len(same), AT_A_TIME):
            yield same[at:at + AT_A_TIME]


def run_group(build, group, table, tested):
    """Runs one Linux; returns its rows, and writes each result into `table`."""
    try:
        results = nested.guest(build, group[0].name, group).run(build)
    except linux_run.Failed as error:
        print(f"nested_full: {error}")
        results = error.results
    rows = []
    for number, test in enumerate(group, 1):
        done, _ = nested.outcome(results, test)
        if not done:
            rows.append(("FAIL", test.name, "was not booted"))
            print(f"  {test.name}: was not booted")
            continue
        now = nested.judge.judge(test, done)
        runner.store(build, test, now, done)
        runner.report(number, len(group), test, now, done)
        bad = any(row[0] == "FAIL" for row in now)
        table[test.name] = "\t".join([test.name, "FAIL" if bad else "PASS",
                                      seen(now, done), tested])
        rows += now
    return rows, results.report


def arguments():
    parser = cli.Parser("nested_full", __doc__, build=True)
    parser.add_argument("--list", action="store_true",
                        help="only print the names of the rows")
    parser.add_argument("only", nargs="*", help="part of a row's name")
    return parser.parse_args()


def main():
    args = arguments()
    chosen = tables.choose(controls.load(), args.only, "row",
                           cli.command("nested.full --list"))
    if args.list:
        print("\n".join(test.name for test in chosen))
        return 0
    build = image.Build(args.build)
    table = read()
    tested = commit()
    every = []
    for group in groups(chosen):
        rows, report = run_group(build, group, table, tested)
        write(table, report)
        every += rows
    passed, failed = runner.tally(every)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    cli.main("nested_full", main)
