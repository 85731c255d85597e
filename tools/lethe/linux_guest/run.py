# SPDX-License-Identifier: MIT
"""Boots Debian's kernels on Lethe in Bochs: the rows of tests/linux.toml,
linux_beside.toml and linux_sanitize.toml.

Without a name it runs the rows that are marked `short`, with --full all of
them; a row whose inputs have not changed since it passed is not run again
(FORCE=1 in the environment runs it). A kernel that apt does not have is
skipped with the reason. --accept writes tests/expected/*.tsv. With --full the
results go to docs/results/linux.tsv.
"""

import dataclasses
import hashlib
import json
import os
import re
import time

from lethe import cli
from lethe.boot_tests import judge as boot_judge, runner
from lethe.console_tests.line import Line, Silent
from lethe.linux import kernel as linux_kernel
from lethe.linux_guest import (
    findings, judge, kernels, machine, patched, table)
from lethe.machine import image
from lethe.project import ROOT

RESULTS = ROOT / "docs/results/linux.tsv"
HEAD = "row\tresult\tfigures\tkernel\tsha256 of vmlinuz\tcommit\n"
ANSWER_SECONDS = 60
END = (r"^\[\d+\] (\S+): stopped code=.*$|^lethe: nothing started"
       r"|^exit code=.*$")
DONE = "passed.json"
BANNER = re.compile(r"boot: lethe \S+ commit=(\S+)")


def command(line, text):
    """Enters a command of the console; returns its answer. With this tsc_hz the
    console looks at the line each 10 M ticks, and the UART keeps 16 keys: so
    each key is typed when the one before has been echoed."""
    for key in text:
        line.send(key)
        line.expect(re.escape(key), ANSWER_SECONDS)
    line.send("\r")
    return line.expect(r"\A *\n([\s\S]*?)^lethe> ", ANSWER_SECONDS)[1]


def ask(line, row, seen):
    """What the console says after the end of the partition."""
    line.send("\r")
    line.expect("lethe> ", ANSWER_SECONDS)
    seen.hypercalls = command(line, "hypercalls guest")
    seen.exits = [command(line, f"exits guest:{number}")
                  for number in range(row.vp_count)]


def wait_for_ends(line, row):
    """Until all partitions have stopped, or the machine has."""
    running = {"guest", *row.ends}
    while running:
        found = line.expect(END, row.limit)
        if found[1] is None:
            return
        running.discard(found[1])


def boot(build, row, made):
    """Runs one row; returns judge.Seen."""
    begin = time.monotonic()
    with build.run_folder(row.name) as place:
        def command_for(com1):
            return machine.command(build, place.path, row, made, com1)

        seen = judge.Seen("")
        with Line(command_for, place.path) as line:
            try:
                wait_for_ends(line, row)
                ask(line, row, seen)
            except Silent as error:
                seen.said = [str(error)[-500:]]
            seen.text = line.text
        seen.seconds = time.monotonic() - begin
        keep(build, row, seen)
    return seen


def keep(build, row, seen):
    folder = build.folder / "results"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{row.name}.txt").write_text(seen.text)


def judge_kernel(row, made):
    """The bytes that were booted are those of the package."""
    if row.format != "bzimage":
        return []
    used = made.files[made.image]
    return [boot_judge.row(
        kernels.sha256_in_package(made.kernel) == hashlib.sha256(
            used).hexdigest(), f"{row.name}: vmlinuz of the package",
        "the booted file has another SHA-256 than the package's")]


def passed_before(build, row, stamp):
    """The figures of an earlier run of the same inputs that passed."""
    try:
        about = json.loads((build.folder / "linux-guest" / row.name / DONE)
                           .read_text())
    except (OSError, ValueError):
        return None
    if about["stamp"] != stamp or os.environ.get("FORCE", "") not in ("", "0"):
        return None
    return about


def note(build, stamp, result):
    folder = build.folder / "linux-guest" / result.row.name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / DONE).write_text(json.dumps(
        {"stamp": stamp, "rows": result.rows, "figures": result.figures,
         "tested": result.tested}, indent=1))


@dataclasses.dataclass
class Result:
    """One row: what was found, and what it ran on."""

    row: table.Row
    rows: list
    figures: str = ""
    kernel: linux_kernel.Kernel | None = None
    tested: str = ""  # the commit in Lethe's banner
    reason: str = ""  # why it was skipped
    said: list = dataclasses.field(default_factory=list)
    seconds: float = 0
    findings: list = dataclasses.field(default_factory=list)  # the first ones

    @property
    def word(self):
        if self.reason:
            return "SKIP"
        bad = any(one[0] == "FAIL" for one in self.rows)
        return "FAIL" if bad else "PASS"


def run(build, row, kernel_folder=None, accept=False):
    """The Result of a row."""
    try:
        made = machine.parts(build, row, kernel_folder)
    except linux_kernel.Missing as error:
        return Result(row, [], reason=str(error))
    stamp = made.stamp(build, row)
    old = passed_before(build, row, stamp)
    if old:
        return Result(row, [tuple(one) for one in old["rows"]],
                      old["figures"], made.kernel, old["tested"])
    seen = boot(build, row, made)
    if accept and row.checks:
        runner.accept(row, seen)
    rows = [*judge.judge_all(row, seen), *judge_kernel(row, made),
            *patched.judge_all(row, made, seen)]
    if seen.said:
        rows.append(("FAIL", f"{row.name}: console", seen.said[0]))
    banner = BANNER.search(seen.text)
    result = Result(row, rows, judge.figures(seen) + patched.figures(row, seen),
                    made.kernel,
                    banner[1] if banner else "", "", seen.said, seen.seconds)
    result.findings = findings.keep(build, row, made, seen.text)
    if result.word == "PASS":
        note(build, stamp, result)
    return result


def store(build, result):
    folder = build.folder / "results"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{result.row.name}.tsv").write_text(
        "".join("\t".join(one) + "\n" for one in result.rows))


def report(number, total, result):
    print(f"[{number}/{total}] {result.row.name} {result.word} "
          f"{result.seconds:.0f}s {result.figures}{result.reason}", flush=True)
    for state, name, why in result.rows:
        if state == "FAIL":
            print(f"    {name}: {why}", flush=True)
    for line in result.findings:
        print(f"    {line}", flush=True)


def read_results():
    """{row: line} of the committed table."""
    if not RESULTS.exists():
        return {}
    return {line.split("\t")[0]: line
            for line in RESULTS.read_text().splitlines()
            if line and not line.startswith(("#", "row\t"))}


def write_results(done):
    """Writes the lines of the rows that ran; the others stay."""
    lines = read_results()
    for one in done:
        kernel = one.kernel
        lines[one.row.name] = "\t".join([
            one.row.name, one.word, one.figures or one.reason,
            f"{kernel.package} {kernel.version}" if kernel else "",
            linux_kernel.sha256(kernel.vmlinuz) if kernel else "", one.tested])
    order = [row.name for row in table.load()]
    text = ["# Written by make linux-full: Debian's kernels on Lethe in Bochs",
            *(lines[name] for name in order if name in lines)]
    RESULTS.write_text(text[0] + "\n" + HEAD + "\n".join(text[1:]) + "\n")


def arguments():
    parser = cli.Parser("linux_guest", __doc__, build=True)
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--accept", action="store_true")
    parser.add_argument("only", nargs="*", help="names of rows")
    return parser.parse_args()


def main():
    args = arguments()
    known = table.load()
    names = cli.choose(args.only, [row.name for row in known], "row",
                       cli.command("linux_guest --list"), True)
    chosen = [row for row in known if row.name in names
              and (args.only or args.full or row.short)]
    if args.list:
        print("\n".join(row.name for row in known))
        return 0
    build = image.Build(args.build)
    build.require(build.hypervisor)
    done = []
    for number, row in enumerate(chosen, 1):
        result = run(build, row, accept=args.accept)
        store(build, result)
        report(number, len(chosen), result)
        done.append(result)
        if args.full:
            write_results(done)
    lines = [line for one in done if one.kernel
             for line in one.kernel.report()]
    print("\n".join(dict.fromkeys(lines)))
    passed, failed = runner.tally([one for result in done
                                   for one in result.rows])
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0
