# SPDX-License-Identifier: MIT
"""Compares KVM with Lethe, by the same guest kernel on the same emulated CPU.

Runs the suites and the bench of the test guest under tools/kvm-run, in a Linux
in Bochs; then the same on Lethe, in Bochs with as many CPUs. On KVM each check
must pass, be skipped with a reason, or fail with the values that
tests/known-kvm.toml has for it, and its state must be that of docs/results/.
On Lethe no check may fail. The median of each row of Lethe's bench must be at
most a quarter of KVM's. The results go to build/peer/; --accept copies them to
docs/results/ if nothing failed.
"""

import hashlib
import pathlib
import shutil

from lethe import cli, tap
from lethe.boot_tests import judge
from lethe.linux import kernel as linux_kernel, run as linux_run
from lethe.machine import image
from lethe.measure import bench
from lethe.measure.rows import CALLS
from lethe.peer import known, lethe_side
from lethe.project import ROOT, commit

KNOWN = ROOT / "tests/known-kvm.toml"
RESULTS = ROOT / "docs/results"
CPUS = 4
VPS = (2, 3, 4)
STRIDE = 70  # VP indices above 63: the EX calls
SUITES = ("boot", "apic", "calls", "forms", "flush", "storm", "counts", "kick",
          "step", "inhibit", "neighbours", "msr")
SUITES_STRIDE = ("forms", "flush", "storm", "neighbours")
# The tags for the guest's skip= (docs/suite.md); the default is if0. Linux's
# timer disturbs more rounds of a flush check than Lethe's, and with skip=ticks
# such a check needs fewer undisturbed rounds
TAGS = {"flush": "if0,ticks", "forms": "if0,ticks"}
SECONDS = 400  # of one suite, as Linux in Bochs counts them
BAR = 4  # Lethe's median may be 1/4 of KVM's
ROWS = list(CALLS)

SCRIPT = """run() { # name VPs stride cmdline option
    stage "$1"
    kvm-run --cpus $2 --stride $3 --seconds %d $5 \\
        --cmdline "$4 cpus=$2 stride=$3" /guest.elf \\
        >out 2>&1
    echo "# status $?" >>out
    result $1 <out
}
""" % SECONDS


def runs():
    """(name, VPs, stride, suite) of everything that runs on KVM."""
    for vps in VPS:
        yield f"bench-{vps}", vps, 1, "bench"
    for vps in VPS:
        for suite in SUITES:
            yield f"{suite}-{vps}", vps, 1, suite
    for suite in SUITES_STRIDE:
        yield f"{suite}-{VPS[-1]}-{STRIDE}", VPS[-1], STRIDE, suite
    yield f"budget-{VPS[-1]}", VPS[-1], 1, "budget"


def run_kvm(build):
    # The bench runs without --enforce, as KVM does by default: a little faster
    lines = [f'run {name} {vps} {stride} "suite={suite} '
             f'skip={TAGS.get(suite, "if0")}" '
             f"{'' if suite == 'bench' else '--enforce'}\n"
             for name, vps, stride, suite in runs()]
    guest = linux_run.Guest(
        name="peer", script=SCRIPT + "".join(lines), cpus=CPUS,
        modules=("irqbypass", "kvm", "kvm-intel"),
        files={"bin/kvm-run": str(build.kvm_run),
               "guest.elf": str(build.guest)})
    return guest.run(build)


def judge_text(table, name, text):
    """(rows, [(state, check)]) of one kvm-run."""
    stream = tap.read(text.splitlines())
    status = text.rpartition("# status ")[2].strip()
    rows = [judge.row(False, f"{name}: tap", why) for why in stream.errors]
    rows.append(judge.row(status in ("0", "1"), f"{name}: status",
                          f"{status}: {text.strip().splitlines()[-2:]}"))
    states = []
    for check in known.parse(text):
        state, wrong = table.judge(check)
        states.append((state, check))
        rows.append((state, f"{name}: {check.name}", wrong))
    return rows, states


def accepted():
    """{run: {check: state}} of docs/results/."""
    found = {}
    path = RESULTS / "peer-suites.tsv"
    lines = path.read_text().splitlines() if path.exists() else []
    for line in lines:
        if not line.startswith("# "):
            name, state, check, _ = line.split("\t")
            found.setdefault(name, {})[check] = state
    return found


def compare(name, states, expected):
    """Rows for the checks whose state is not the accepted one."""
    expected = dict(expected)
    for state, check in states:
        due = expected.pop(check.name, "nothing")
        if state not in (due, "FAIL"):
            yield ("FAIL", f"{name}: {check.name}", f"{state}, expected {due}")
    for check in expected:
        yield ("FAIL", f"{name}: {check}", "missing")


def bench_rows(text):
    found = (bench.LINE.match(line) for line in text.splitlines())
    return {row[1]: (int(row[2]), int(row[3])) for row in found if row}


def compare_bench(vps, lethe, kvm):
    """Prints the table of one number of VPs; yields a row for each bar."""
    print(f"\n{vps} VPs, {CPUS} CPUs\nrow        Lethe min  median   KVM min  "
          "median   ratio")
    for name in ROWS:
        if name not in lethe or name not in kvm:
            yield ("FAIL", f"bench-{vps}: {name}", "no row")
            continue
        ratio = lethe[name][1] / kvm[name][1]
        print(f"{name:10}{lethe[name][0]:10}{lethe[name][1]:8}"
              f"{kvm[name][0]:10}{kvm[name][1]:8}{ratio:8.3f}")
        yield judge.row(ratio * BAR <= 1, f"bench-{vps}: {name}",
                        f"expected at most 1/{BAR} of KVM's median, found "
                        f"{ratio:.3f}")


def head(build, report, tested):
    guest = hashlib.sha256(build.guest.read_bytes()).hexdigest()
    return "".join(f"# {line}\n" for line in (
        f"commit {tested}", f"guest sha256 {guest}", *report))


def write(folder, top, benches, suites):
    folder.mkdir(parents=True, exist_ok=True)
    text = top + "peer\tvps\trow\tmin\tmedian\n"
    for (peer, vps), rows in sorted(benches.items()):
        text += "".join(f"{peer}\t{vps}\t{name}\t{low}\t{median}\n"
                        for name, (low, median) in rows.items())
    (folder / "peer-bench.tsv").write_text(text)
    text = top + "run\tstate\tcheck\tvalues\n"
    for name, states in suites.items():
        text += "".join(
            f"{name}\t{state}\t{check.name}\t{values(check)}\n"
            for state, check in states)
    (folder / "peer-suites.tsv").write_text(text)


def values(check):
    return "; ".join(dict.fromkeys(check.details)) or check.reason


def write_lethe(folder, top, suites):
    """suites: {run: ([(state, check)], {check: heading})}"""
    text = top + "run\tstate\tcheck\theading\tvalues\n"
    for name, (states, heads) in suites.items():
        text += "".join(f"{name}\t{state}\t{check.name}\t{heads[check.name]}"
                        f"\t{values(check)}\n" for state, check in states)
    (folder / "lethe-suites.tsv").write_text(text)


def accept(build):
    RESULTS.mkdir(parents=True, exist_ok=True)
    for path in (build.folder / "peer").glob("*.tsv"):
        shutil.copy(path, RESULTS)


def measure_lethe(build, vps):
    print(f"  Lethe: bench, {vps} VPs", flush=True)
    rows, errors = bench.measure_run(
        build, f"bench-{vps}", CPUS, vps, "suite=bench", "all -vp-registers",
        bench.CONTEXT, "")
    return rows, [("FAIL", f"lethe bench-{vps}", why) for why in errors]


def measure_suites(build):
    """({run: (states, headings)}, rows)"""
    found = {}
    rows = []
    for run_ in lethe_side.runs(VPS[-1], SUITES, STRIDE, SUITES_STRIDE):
        print(f"  Lethe: {run_.name}, {run_.suites}", flush=True)
        states, heads, errors = lethe_side.measure(build, run_)
        found[run_.name] = states, heads
        rows += [("FAIL", f"lethe {run_.name}", why) for why in errors]
        rows += [(state, f"lethe {run_.name}: {check.name}", values(check))
                 for state, check in states]
    return found, rows


def run(build, is_accept):
    table = known.Known(KNOWN)
    before = accepted()
    tested = commit()
    results = run_kvm(build)
    rows = [judge.row(table.version_fits(results.report[0]), "KVM's version",
                      f"expected {table.versions}, found {results.report[0]}")]
    texts = {name: data.decode(errors="replace")
             for name, data in results.files.items()}
    benches = {}
    suites = {}
    for name, vps, _, suite in runs():
        if name not in texts:
            rows.append(("FAIL", name, "no result"))
            continue
        found, states = judge_text(table, name, texts[name])
        rows += found
        if suite == "bench":
            benches["kvm", vps] = bench_rows(texts[name])
        else:
            suites[name] = states
            if not is_accept:
                rows += compare(name, states, before.get(name, {}))
    for vps in VPS:
        benches["lethe", vps], errors = measure_lethe(build, vps)
        rows += errors
        rows += compare_bench(vps, benches["lethe", vps],
                              benches.get(("kvm", vps), {}))
    top = head(build, results.report, tested)
    write(build.folder / "peer", top, benches, suites)
    lethe, found = measure_suites(build)
    rows += found
    write_lethe(build.folder / "peer", top, lethe)
    if is_accept:
        if any(row[0] == "FAIL" for row in rows):
            print("peer: expected no failure, found some; results not accepted")
        else:
            accept(build)
    return rows


def main():
    parser = cli.Parser("peer", __doc__, build=True)
    parser.add_argument("--accept", action="store_true",
                        help="copy the results to docs/results/ if nothing "
                        "failed")
    args = parser.parse_args()
    try:
        rows = run(image.Build(pathlib.Path(args.build)), args.accept)
    except (linux_run.Failed, linux_kernel.Missing, OSError) as error:
        print(f"peer: {error}")
        print("0 passed, 1 failed")
        return 1
    print()
    for state, name, why in rows:
        if state == "FAIL":
            print(f"    {name}: {why}")
    count = {state: sum(row[0] == state for row in rows)
             for state in ("PASS", "FAIL", "SKIP", "KNOWN")}
    print(f"peer: {count['KNOWN']} known deviations of KVM, {count['SKIP']} "
          "skipped")
    print(f"{count['PASS']} passed, {count['FAIL']} failed")
    return 1 if count["FAIL"] else 0
