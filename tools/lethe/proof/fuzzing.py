# SPDX-License-Identifier: MIT
"""Runs libFuzzer targets for --seconds each, two at a time.

--total divides that many seconds among all targets. A target starts with the
inputs of hv/test/fuzz/corpus/TARGET/, if there are any. New inputs that reach
more code are kept in build/fuzz/corpus/, inputs that make a target fail in
build/fuzz/crash-*. --merge replaces the committed corpus of each target by the
fewest inputs, old or new, that reach the same code.
"""

import pathlib
import re
import shutil
import subprocess

from lethe import cli

SEEDS = pathlib.Path("hv/test/fuzz/corpus")
JOBS = 2
GRACE = 120  # seconds after its time is over until a target counts as hanging
MAX_LEN = 512  # bytes of an input from which a target draws numbers
FILE_LEN = 8192  # bytes of an input that is a file
FILES = ("config", "elf", "trace")  # targets whose input is a file
MONTH = 2678400  # seconds
HEAVY = {"hypercall": 3}  # shares of --total; other targets have 1


def fuzz(target, seconds, folder):
    """(target, ok, last lines)"""
    corpus = folder / "corpus" / target.name
    corpus.mkdir(parents=True, exist_ok=True)
    seeds = SEEDS / target.name
    length = FILE_LEN if target.name in FILES else MAX_LEN
    command = [target.resolve(), corpus, f"-max_total_time={seconds}",
               f"-max_len={length}", "-timeout=10", "-rss_limit_mb=2048",
               f"-artifact_prefix={folder}/crash-{target.name}-",
               "-print_final_stats=1", "-len_control=0"]
    if seeds.is_dir():
        command.insert(2, seeds)
    log = folder / f"{target.name}.log"
    try:
        with open(log, "wb") as out:
            done = subprocess.run(["setpriv", "--pdeathsig", "KILL", "--",
                                   *map(str, command)], stdout=out,
                                  stderr=subprocess.STDOUT, check=False,
                                  stdin=subprocess.DEVNULL,
                                  timeout=seconds + GRACE)
        ok = done.returncode == 0
    except subprocess.TimeoutExpired:
        ok = False
    lines = log.read_text(errors="replace").splitlines()
    runs = [line for line in lines if "number_of_executed_units" in line]
    return target.name, ok, runs if ok else lines[-15:]


def merge(target, folder):
    """Replaces the committed corpus of a target by fewer inputs that reach the
    same code."""
    seeds = SEEDS / target.name
    smaller = folder / f"merge-{target.name}"
    shutil.rmtree(smaller, ignore_errors=True)
    smaller.mkdir(parents=True)
    seeds.mkdir(parents=True, exist_ok=True)
    subprocess.run([target.resolve(), "-set_cover_merge=1",
                    "-use_counters=0", smaller, seeds,
                    folder / "corpus" / target.name], check=True,
                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)
    shutil.rmtree(seeds)
    shutil.copytree(smaller, seeds)
    files = list(seeds.iterdir())
    print(f"fuzz/{target.name}: {len(files)} inputs, "
          f"{sum(path.stat().st_size for path in files)} bytes")


def names():
    """The names of all targets: hv/test/fuzz/NAME.c in hv/test/files.mk."""
    text = pathlib.Path("hv/test/files.mk").read_text()
    return sorted(re.findall(r"^fuzz-c \+= fuzz/(\w+)\.c$", text, re.MULTILINE))


def shares(targets, total):
    """{target: seconds}, the longest first: run two at a time, all of them take
    about `total` seconds."""
    weight = {target: HEAVY.get(target.name, 1) for target in targets}
    unit = JOBS * total / sum(weight.values())
    return {target: round(unit * weight[target]) for target in
            sorted(targets, key=weight.get, reverse=True)}


def main():
    parser = cli.Parser("fuzz", __doc__, build=True)
    parser.add_argument("--seconds", type=cli.number(1, MONTH), default=20)
    parser.add_argument("--total", type=cli.number(1, MONTH),
                        help="seconds for all targets together")
    parser.add_argument("--merge", action="store_true",
                        help="minimises the committed corpus")
    parser.add_argument("--list", action="store_true",
                        help="prints the names of the targets")
    parser.add_argument("targets", nargs="*", type=pathlib.Path)
    args = parser.parse_args()
    folder = pathlib.Path(args.build) / "fuzz"
    chosen = cli.choose([target.name for target in args.targets], names(),
                        "fuzz target", cli.command("proof.fuzzing --list"),
                        exact=True)
    if args.list:
        print("\n".join(chosen))
        return 0
    for target in args.targets:
        if not target.is_file():
            raise cli.Wrong(f"{target}: expected a built target, found none; "
                            "make fuzz-short builds them")
    if args.merge:
        for target in args.targets:
            merge(target, folder)
        return 0
    seconds = dict.fromkeys(args.targets, args.seconds)
    if args.total and args.targets:
        seconds = shares(args.targets, args.total)
    failed = 0
    with cli.Pool(JOBS) as pool:
        runs = [pool.submit(fuzz, target, seconds[target], folder)
                for target in seconds]
        for run in runs:
            name, ok, lines = run.result()
            failed += not ok
            print(f"fuzz/{name} {'ok' if ok else 'FAIL'}", *lines,
                  sep="\n    ", flush=True)
    if not args.targets:
        print("fuzz: expected targets to run, found none; "
              "make fuzz-short runs all")
        failed = 1
    print(f"{len(args.targets) - failed if args.targets else 0} passed, "
          f"{failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    cli.main("fuzz", main)
