# SPDX-License-Identifier: MIT
"""The command `demo` over the real line: what it tells is what happened."""

import contextlib
import re

from lethe.console_tests.line import Line
from lethe.machine import image

CPUS = 2


@contextlib.contextmanager
def started(build, suite):
    text = image.config(f"suite={suite} cpus=@CPUS@")
    with build.run_folder("demo") as place, Line(
            lambda com1: image.command(build, place.path, "rom", text, CPUS,
                                       com1=com1), place.path) as line:
        yield line


def number(text, pattern):
    found = re.search(pattern, text, re.MULTILINE)
    return int(found[1]) if found else None


def test_demo(build, check):
    with started(build, "demo") as line:
        line.expect(r"^guest\| # demo: .*\n")
        said = line.command("demo")
        steps = re.findall(r"^(\d)\. ", said, re.MULTILINE)
        check("all six steps, in order", steps == list("123456"), said)
        before = number(said, r"^1\. Flushes .*: (\d+)\.$")
        check("flushes go on before", before and before > 10, said)
        exits = number(said, r"^4\. VM exits of guest:0 .*: (\d+)\. ")
        check("the suspended VP does not run", exits == 0, said)
        after = number(said, r"^6\. Flushes of guest:1 since then: (\d+),")
        check("the call is made again", after and after >= 1, said)
        check("the inhibit has ended", "Still inhibited: no" in said and
              "guest:1 is not inhibited" in line.command("inhibit guest:1"),
              said)
        check("again", "6. Flushes" in line.command("demo guest:1"), "")
        said = line.command("demo guest:0")
        check("of a VP that nobody flushes",
              "No VP flushes it" in said and "2. " not in said, said)
