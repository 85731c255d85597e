# SPDX-License-Identifier: MIT
"""Runs the boot tests and compares what they print with what is expected.

Consoles and results are written to build/results/. --accept writes the results
of the guest suites that ran to tests/expected/*.tsv: read the difference before
you commit it.
"""

from lethe import cli  # first: until it has run, Ctrl-C gives a traceback

import concurrent.futures
import re
import subprocess
import time

from lethe import tap
from lethe.boot_tests import bad_images, invvpid, judge, portable, tables
from lethe.machine import console, ending, image
from lethe.machine.process import boot
from lethe.project import ROOT

BREAKPOINT_HITS = 2000


def startup(test):
    """The UEFI shell script that runs all cases of a shared boot."""
    lines = ["@echo -off", "fs0:"]
    for case in test.cases:
        place = [f"cp -q \\lethe\\cases\\{case.name}.conf \\lethe\\lethe.conf"]
        if case.folder:
            place = ["mkdir \\lethe\\lethe.conf"]
        lines += [f"echo CASE-BEGIN {case.name}", "rm -q \\lethe\\lethe.conf",
                  *place, "\\lethe.efi", "echo CASE-STATUS %lasterror%"]
    return "\n".join([*lines, "echo CASE-END", "reset -s", ""])


def prepare(build, test, folder):
    """The emulator's command for one test."""
    if test.loader in tables.GUEST_LOADERS:
        return portable.command(build, folder, test.loader, test.cmdline,
                                test.cpus, test.memory)
    more = {}
    if test.images:
        more = bad_images.make(build.guest.read_bytes(), test.images)
    text = image.read_text(test.text().encode(), test.encoding)
    more.update((path, (build.folder / source).read_bytes())
                for path, source in test.files.items())
    script = None
    if test.cases:
        script = startup(test)
        for case in test.cases:
            whole = case.config.replace("@CPUS@", str(test.cpus))
            more[f"cases/{case.name}.conf"] = whole.encode(case.encoding)
    options = {}
    if test.com2:
        options["com2"] = "mode=file, dev=com2.txt"
    if test.ips:
        options["ips"] = test.ips
    if test.invvpid:
        listing = build.hypervisor.with_suffix(".lst").read_text()
        options["debugger"] = invvpid.debugger(listing, test.cpus,
                                               BREAKPOINT_HITS)
    return image.command(build, folder, test.loader, text, test.cpus, more,
                         script, test.memory, **options)


def build_with(build, variable):
    """The build with that variable of the Makefile, made if it is not there."""
    if not variable:
        return build
    folder = build.folder / variable.replace("=", "-").lower()
    subprocess.run(["make", "-s", f"O={folder}", variable, "all"], check=True,
                   cwd=ROOT, stdout=subprocess.DEVNULL)
    return image.Build(folder)


def run(build, test):
    """(rows, outcome); an error of this tool becomes a row."""
    stop = r"^CASE-END" if test.cases else test.stop
    if test.invvpid:  # the debugger would go on after the power-off
        stop = r"^exit code=\d+ reason=.*\n"
    try:
        build = build_with(build, test.make)
        with build.run_folder(test.name) as place:
            outcome = boot(place, prepare(build, test, place.path), test.limit,
                           re.compile(stop, re.MULTILINE) if stop else None)
            output = (place.path / "stdout.txt").read_text(errors="replace")
            rows = judge.judge(test, outcome, output)
            if test.com2:
                raw = (place.path / "com2.txt").read_bytes().decode("latin-1")
                rows += judge.judge_text(f"{test.name}: COM2", raw, test.com2,
                                         [])
            if outcome.exit is None and tally(rows)[1]:
                outcome.said = ending.explain(place, outcome)
        return rows, outcome
    except (OSError, ValueError,
            subprocess.CalledProcessError) as error:
        return [("FAIL", test.name, cli.sentence(error))], None


def store(build, test, rows, outcome):
    results = build.folder / "results"
    results.mkdir(parents=True, exist_ok=True)
    (results / f"{test.name}.tsv").write_text(
        "".join("\t".join(row) + "\n" for row in rows))
    if outcome:
        (results / f"{test.name}.txt").write_text(outcome.text)


def accept(test, outcome):
    """Writes the list of results; false if they cannot be accepted."""
    stream = tap.read(console.guest_lines(outcome.text, "guest"))
    if stream.errors or stream.names("FAIL"):
        print(f"  not accepted: {test.name}: expected complete results "
              "without a failure")
        return False
    test.expected.parent.mkdir(parents=True, exist_ok=True)
    test.expected.write_text(
        "".join(f"{check.state}\t{check.name}\n" for check in stream.checks))
    return True


def report(number, total, test, rows, outcome):
    bad = [row for row in rows if row[0] == "FAIL"]
    seconds = f"{outcome.seconds:.1f}s" if outcome else ""
    print(f"[{number}/{total}] {test.name} {'FAIL' if bad else 'ok'} "
          f"{seconds}", flush=True)
    for _, name, why in bad:
        print(f"    {name} ({why})", flush=True)
    for line in outcome.said if outcome else ():
        print(f"    {line}", flush=True)


def run_all(build, chosen, jobs, on_done=None):
    """All rows of the chosen tests, in order."""
    every = []
    with cli.Pool(jobs) as pool:
        runs = {pool.submit(run, build, test): test for test in chosen}
        done = concurrent.futures.as_completed(runs)
        for number, future in enumerate(done, 1):
            test = runs[future]
            rows, outcome = future.result()
            store(build, test, rows, outcome)
            report(number, len(chosen), test, rows, outcome)
            if on_done and outcome:
                on_done(test, outcome)
            every += rows
    return every


def tally(rows):
    return (sum(row[0] == "PASS" for row in rows),
            sum(row[0] == "FAIL" for row in rows))


def main():
    parser = cli.Parser("suite", __doc__, build=True)
    parser.add_argument("-j", "--jobs", type=cli.number(1, 64), default=1)
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--accept", action="store_true")
    parser.add_argument("--exact", action="store_true",
                        help="the words are names, not parts of names")
    parser.add_argument("--seed", type=int,
                        help="seed= for the guest's random numbers")
    parser.add_argument("only", nargs="*", help="part of a test's name")
    args = parser.parse_args()
    chosen = tables.choose(tables.load(), args.only, "boot test",
                           cli.command("boot_tests --list"), args.exact)
    for test in chosen:
        if args.seed is not None and test.suites:
            test.cmdline += f" seed={args.seed}"
    if args.list:
        print("\n".join(test.name for test in chosen))
        return 0
    begin = time.monotonic()
    build = image.Build(args.build)
    build.require(build.hypervisor)
    rows = run_all(build, chosen, args.jobs,
                   on_accept if args.accept else None)
    passed, failed = tally(rows)
    print(f"boot tests: {len(chosen)} in {time.monotonic() - begin:.0f} s")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


def on_accept(test, outcome):
    if test.suites and accept(test, outcome) and test.printed:
        test.expected_lines.write_text("".join(
            "\t".join(words) + "\n"
            for words in judge.printed_lines(test, outcome)))
