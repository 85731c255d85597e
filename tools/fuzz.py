# SPDX-License-Identifier: MIT
"""Runs libFuzzer targets, each for some seconds, two at a time.

Starts from hv/test/corpus/<target>/ where there is one; finds are kept in
build/fuzz/corpus/, inputs that fail in build/fuzz/crash-*.
"""

import argparse
import concurrent.futures
import pathlib
import subprocess
import sys

import version

SEEDS = pathlib.Path("hv/test/corpus")
JOBS = 2
GRACE = 120  # seconds beyond the asked ones until a target counts as hanging
MAX_LEN = 8192


def fuzz(target, seconds, folder):
    """(target, ok, last lines)"""
    corpus = folder / "corpus" / target.name
    corpus.mkdir(parents=True, exist_ok=True)
    seeds = SEEDS / target.name
    command = [target.resolve(), corpus, f"-max_total_time={seconds}",
               f"-max_len={MAX_LEN}", "-timeout=10", "-rss_limit_mb=2048",
               f"-artifact_prefix={folder}/crash-{target.name}-",
               "-print_final_stats=1"]
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


def main():
    parser = argparse.ArgumentParser(prog="fuzz", description=__doc__)
    version.add(parser)
    parser.add_argument("--build", default="build", metavar="FOLDER")
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("targets", nargs="*", type=pathlib.Path)
    args = parser.parse_args()
    folder = pathlib.Path(args.build) / "fuzz"
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
        runs = [pool.submit(fuzz, target, args.seconds, folder)
                for target in args.targets]
        for run in runs:
            name, ok, lines = run.result()
            failed += not ok
            print(f"fuzz/{name} {'ok' if ok else 'FAIL'}", *lines,
                  sep="\n    ", flush=True)
    if not args.targets:
        print("fuzz: no targets")
        failed = 1
    print(f"{len(args.targets) - failed if args.targets else 0} passed, "
          f"{failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
