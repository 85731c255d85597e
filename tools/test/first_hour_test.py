# SPDX-License-Identifier: MIT
"""What the first hour of a new user is made of: runs that die, end, are
refused or interrupted, and whatever may be typed wrong. Prints TAP.

Most emulators are shell scripts; the real ones start from the ROM loader.
"""

from lethe import cli  # first: until it has run, Ctrl-C gives a traceback

import pathlib
import signal
import tempfile
import time

import first_hour_deaths
import first_hour_deps
import first_hour_dist
import first_hour_ends
import first_hour_lab
import first_hour_terminal
import first_hour_typed

PARTS = (first_hour_deaths, first_hour_ends, first_hour_typed,
         first_hour_terminal, first_hour_deps, first_hour_dist)


def main():
    parser = cli.Parser("first_hour_test", __doc__, build=True)
    parser.add_argument("only", nargs="*", metavar="PART",
                        help="deaths, ends, typed, terminal, deps, dist")
    args = parser.parse_args()
    names = [part.__name__.removeprefix("first_hour_") for part in PARTS]
    chosen = cli.choose(args.only, names, "part", "--help")
    # What a terminal would have sent is sent here; nohup and a shell's `&`
    # have children ignore it
    for one in (signal.SIGINT, signal.SIGHUP):
        signal.signal(one, signal.default_int_handler)
    begin = time.monotonic()
    number = failed = 0
    for part, name in zip(PARTS, names):
        for group in part.GROUPS if name in chosen else ():
            # A lab for each: what one leaves is not the next one's
            with tempfile.TemporaryDirectory(prefix="lethe-") as folder:
                lab = first_hour_lab.Lab(args.build, pathlib.Path(folder))
                for what, ok, seen in first_hour_lab.results(group, lab):
                    number += 1
                    failed += not ok
                    if not ok:
                        print(f"# {seen}")
                    print(f"{'ok' if ok else 'not ok'} {number} - {name}: "
                          f"{what}", flush=True)
    print(f"1..{number}")
    print(f"# {time.monotonic() - begin:.0f} s")
    return 1 if failed else 0


if __name__ == "__main__":
    cli.main("first_hour_test", main)
