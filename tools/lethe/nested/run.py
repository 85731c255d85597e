# SPDX-License-Identifier: MIT
"""Boots Lethe's disk under QEMU with KVM, in a Linux in Bochs: the rows of
tests/nested.toml.

One Linux boots all chosen rows, one after another. If no input has changed, the
earlier results are used again, unless FORCE=1 is set. --accept writes the
results of the guest's suites as the new tests/expected/*.tsv.
"""

import pathlib
import re
import shlex

from lethe import cli, tap
from lethe.boot_tests import judge, runner, tables
from lethe.linux import run as linux_run
from lethe.machine import console, emulator, image
from lethe.machine.process import Outcome
from lethe.nested import disk as nested_disk

QEMU = "qemu-system-x86_64"
TAG = re.compile(r"(\w+):")
HERE = pathlib.Path(__file__).parent
DISKS = "/disk"  # in the initramfs
TYPED = "/typed"
STALL = 30  # minutes without output; a busy host needs long for a line


def make_disk(build, test):
    """The bytes of the disk image of `make run`, for one test."""
    with build.run_folder(test.name) as place:
        return image.make_disk(build, place.path, test.text(),
                               test.cpus).read_bytes()


def typed_lines(test):
    """The file for `lines` of boot.sh: Enter, which brings the prompt, and the
    lines of the test."""
    return "".join(f"{line}\n" for line in ("", *test.typed)).encode()


def script(build, chosen):
    """(shell script, files) that boot the chosen tests."""
    files = {emulator.OVMF: emulator.OVMF,
             "boot.sh": HERE / "boot.sh"}
    text = [". /boot.sh"]
    base = b""
    first = []
    for test in chosen:
        data = make_disk(build, test)
        packed, parts = nested_disk.pack(data, base)
        path = f"{DISKS}/{test.name}"
        files[path] = packed
        text += ["rm -f disk.img", f"truncate -s {len(data)} disk.img"]
        lines = nested_disk.lines(path, parts)
        text += [*first, *lines]
        base = base or data
        first = first or lines
        serial = "file:serial.txt"
        if test.typed:
            serial = "mon:stdio"
            files[f"{TYPED}/{test.name}"] = typed_lines(test)
            text.append(shlex.join(["lines", f"{TYPED}/{test.name}",
                                    test.ready]))
        words = emulator.qemu_words("disk.img", test.cpus, test.memory,
                                    serial=serial, cpu=test.cpu or None)
        text.append(shlex.join(["boot", test.name, test.stop,
                                str(int(test.limit)), *words]))
    return "\n".join([*text, ""]), files


def outcome(results, test):
    """(Outcome, output of QEMU) of one boot; no Outcome if it never began."""
    about = results.files.get(f"{test.name}.end")
    if about is None:
        return None, ""
    first, _, rest = about.decode(errors="replace").partition("\n")
    end, seconds = first.split()
    text = console.clean(results.files[f"{test.name}.txt"])
    return Outcome(text, end, float(seconds)), rest.strip()


def skipped_by_tag(text):
    """The tags of the checks that were skipped because of a tag."""
    found = (TAG.match(check.comment)
             for check in tap.read(console.guest_lines(text)).checks
             if check.state == "SKIP")
    return [tag[1] for tag in found if tag]


def judge_all(build, results, chosen, on_done):
    """Rows of all tests; prints how many checks each tag has skipped."""
    every = []
    for number, test in enumerate(chosen, 1):
        done, said = outcome(results, test)
        rows = (judge.judge(test, done) if done else
                [("FAIL", test.name, "was not booted")])
        runner.store(build, test, rows, done)
        runner.report(number, len(chosen), test, rows, done)
        if said and any(row[0] == "FAIL" for row in rows):
            print(f"    qemu: {said}")
        if f"{test.name}.state" in results.files:
            print(f"    state of the machine: {results.folder}/files/"
                  f"{test.name}.state")
        if done:
            on_done(test, done)
            tags = skipped_by_tag(done.text)
            for tag in sorted(set(tags)):
                print(f"    {tags.count(tag)} checks skipped: tag {tag}")
        every += rows
    return every


def arguments():
    parser = cli.Parser("nested", __doc__, build=True)
    parser.add_argument("--list", action="store_true",
                        help="only print the names of the tests")
    parser.add_argument("--accept", action="store_true",
                        help="write tests/expected/*.tsv")
    parser.add_argument("only", nargs="*", help="part of a test's name")
    return parser.parse_args()


def guest(build, name, chosen):
    text, files = script(build, chosen)
    return linux_run.Guest(name=name, script=text, files=files,
                           programs=(QEMU,), modules=linux_run.KVM,
                           cpus=max(test.cpus for test in chosen),
                           memory=1024, stall=STALL)


def main():
    args = arguments()
    chosen = tables.choose(tables.load(tables.NESTED), args.only, "nested test",
                           cli.command("nested --list"))
    if args.list:
        print("\n".join(test.name for test in chosen))
        return 0
    build = image.Build(args.build)
    name = "nested" if not args.only else "-".join(args.only)
    try:
        results = guest(build, name, chosen).run(build)
    except linux_run.Failed as error:  # a test without a result fails
        print(f"nested: {error}")
        results = error.results
    rows = judge_all(build, results, chosen,
                     runner.on_accept if args.accept else lambda *_: None)
    for line in results.report:
        print(f"  {line}")
    passed, failed = runner.tally(rows)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0
