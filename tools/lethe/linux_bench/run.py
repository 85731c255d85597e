# SPDX-License-Identifier: MIT
"""Measures what the flush hypercalls are worth to Linux: boots the rows of
tests/linux_bench.toml on Lethe in Bochs, some on KVM there, and writes what
they measured to docs/results/linux-bench.tsv. A row whose results are there for
the same inputs is not run again (FORCE=1 in the environment runs it). --list
has the names.
"""

import hashlib
import os
import re
import time

from lethe import cli
from lethe.boot_tests import judge as boot_judge
from lethe.console_tests.line import Line, Silent
from lethe.linux import disk as linux_disk, kernel as linux_kernel, \
    run as linux_run
from lethe.linux_bench import kvm, parse, results, table
from lethe.linux_guest import judge, machine, run as guest_run
from lethe.machine import emulator, image

COMMIT = re.compile(rb"(?<=[ \0])[0-9a-f]{10}\+?(?=[:\0])")  # in an image
GOOD = re.compile(r"^ok \d+ - (?:flusher|unmapper|munmap|stress)/")
TRACES = 4  # munmaps whose ticks a traced row shares out


def stamp(build, made):
    """A hash of all inputs. The name of the commit in Lethe's banner is left
    out: a commit that changes no code changes no result."""
    total = hashlib.sha256(made.text.encode())
    for name in sorted(made.files):
        total.update(name.encode() + made.files[name])
    for path in (build.hypervisor, build.rom):
        total.update(COMMIT.sub(b"", path.read_bytes()))
    total.update(emulator.BOCHSRC.encode() + emulator.BOCHS_MODEL.encode())
    total.update(emulator.bochs_version().encode())
    return total.hexdigest()[:16]


def boot(build, row, guest, made):
    """(judge.Seen, parse.parts()) of one run; raises Silent."""
    with build.run_folder(row.name) as place:
        def command_for(com1):
            return machine.command(build, place.path, guest, made, com1)

        seen = judge.Seen("")
        with Line(command_for, place.path) as line:
            try:
                line.expect(guest_run.END, guest.limit)
                guest_run.ask(line, guest, seen)
                flush = guest_run.command(line, "flush guest")
                cpu = guest_run.command(line, "cpu")
            finally:
                seen.text = line.text
                guest_run.keep(build, guest, seen)
        return seen, parse.parts(seen, flush, cpu)


def judge_jobs(row, seen, parts):
    """Each job has a good result; a traced row has one for all its parts."""
    good = sum(bool(GOOD.match(line)) for line in seen.lines)
    if row.trace:
        groups = sum(map(parse.is_share, parts))
        found = groups == TRACES * len(parse.GROUPS) and good == 1
        return boot_judge.row(found, f"{row.name}: jobs", f"found {groups} "
                              f"groups of munmaps and {good} results `ok`")
    measured = sum("median" in values for values in parts.values())
    return boot_judge.row(good == measured > 0, f"{row.name}: jobs",
                          f"expected {measured} results `ok`, found {good}")


def rows_of(row, seen, parts):
    """What has to be so, that the figures mean something."""
    bad = {code: ends for code, ends in seen.calls.items()
           if set(ends) != {"success"}}
    calls = sum(parts["hypercalls"].values())
    tlb = parts["linux"]["tlb"]
    shot = calls if row.arm == "hypercall" else tlb
    other = tlb if row.arm == "hypercall" else calls
    return [
        *judge.judge_ends(row.guest(), seen),
        judge_jobs(row, seen, parts),
        boot_judge.row(not bad, f"{row.name}: statuses", f"found {bad}"),
        boot_judge.row(shot > 0 == other, f"{row.name}: way of flushing",
                       f"expected only {row.arm}s, found {calls} calls and "
                       f"{tlb} interrupts")]


class Lethe:
    """A run on Lethe. `mark`: a hash of its inputs."""

    def __init__(self, build, row):
        self.build, self.row = build, row
        self.made = machine.parts(build, row.guest())
        self.kernel = self.made.kernel
        self.mark = stamp(build, self.made)

    def run(self):
        """(rows of the judge, parts, commit)"""
        try:
            seen, parts = boot(self.build, self.row, self.row.guest(),
                               self.made)
        except Silent as error:
            return [("FAIL", self.row.name, str(error)[-500:])], {}, ""
        return (rows_of(self.row, seen, parts), parts,
                guest_run.BANNER.search(seen.text)[1])


class Kvm:
    """The same on KVM."""

    def __init__(self, build, row):
        self.build, self.row = build, row
        self.guest = kvm.guest(build, row)
        self.kernel = linux_kernel.get(build.folder)
        initrd = linux_disk.initramfs(self.kernel, self.guest)
        self.mark = self.guest.stamp(self.kernel, initrd)[:16]

    def run(self):
        name = self.row.name
        try:
            sent = self.guest.run(self.build).files
        except linux_run.Failed as error:
            return [("FAIL", name, str(error)[-500:])], {}, ""
        parts, wrong = kvm.parts(self.row, sent)
        return [("FAIL", name, why) for why in wrong] or [
            ("PASS", name, "")], parts, "none"


def measure(build, row, found):
    """Runs a row, unless it was run; (rows of the judge, what is said)."""
    try:
        one = (Kvm if row.is_kvm else Lethe)(build, row)
    except (linux_kernel.Missing, OSError) as error:
        return [("SKIP", row.name, str(error))], f"SKIP {error}"
    if row.name in found and found[row.name].about["stamp"] == one.mark and \
            os.environ.get("FORCE", "") in ("", "0"):
        return [("PASS", row.name, "")], "has results for these inputs"
    begin = time.monotonic()
    rows, parts, tested = one.run()
    seconds = time.monotonic() - begin
    if any(state == "FAIL" for state, _, _ in rows):
        return rows, f"FAIL {seconds:.0f}s"
    found[row.name] = results.Result(
        {"stamp": one.mark, "commit": tested, "kernel": one.kernel.version,
         "seconds": round(seconds)}, parts)
    return rows, f"PASS {seconds:.0f}s"


def main():
    parser = cli.Parser("linux_bench", __doc__, build=True)
    parser.add_argument("--list", action="store_true")
    parser.add_argument("only", nargs="*", help="names of rows")
    args = parser.parse_args()
    known = table.load()
    order = [row.name for row in known]
    names = cli.choose(args.only, order, "row",
                       cli.command("linux_bench --list"), True)
    if args.list:
        print("\n".join(order))
        return 0
    build = image.Build(args.build)
    build.require(build.hypervisor)
    failed = passed = 0
    for row in known:
        if row.name not in names:
            continue
        found = results.load()
        rows, words = measure(build, row, found)
        results.store(results.load() | {
            name: one for name, one in found.items() if name == row.name},
            order)
        print(f"{row.name}: {words}", flush=True)
        for state, name, why in rows:
            passed += state == "PASS"
            failed += state == "FAIL"
            if state == "FAIL":
                print(f"    {name}: {why}", flush=True)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0
