# SPDX-License-Identifier: MIT
"""Lethe's half of run.py: runs the suites in Bochs, and records for each check
the heading of the specification on which it relies.

Some runs have fewer privileges, so that the checks for what is not granted run
too.
"""

import dataclasses

from lethe import tap
from lethe.machine import console, ending, image
from lethe.machine.process import boot
from lethe.peer import known

LIMIT = 1200
HEADING = "heading "


@dataclasses.dataclass
class Run:
    name: str
    vps: int
    suites: str
    privileges: str = "all"
    guest: str = ""  # more lines for the section [partition guest]
    stride: int = 1


def runs(vps, suites, stride, suites_stride):
    """The runs that KVM makes with the most VPs, each suite in its own machine
    as there; then the runs with other privileges."""
    for suite in suites:
        yield Run(f"{suite}-{vps}", vps, suite)
    for suite in suites_stride:
        yield Run(f"{suite}-{vps}-{stride}", vps, suite,
                  guest=f"vp-index-stride = {stride}", stride=stride)
    yield Run("budget", vps, "budget", guest="budget_elements = 1")
    yield Run("no-forms", vps, "calls,forms",
              "all -xmm-input -xmm-output -extended-ranges")
    yield Run("denied", vps, "calls,neighbours,inhibit",
              "all -ex-masks -cluster-ipi -extended-calls -vp-registers")


def headings(lines):
    """{check: heading}"""
    found = {}
    for check in tap.read(lines).checks:
        heads = [note.removeprefix(HEADING) for note in check.notes
                 if note.startswith(HEADING)]
        found[check.name] = heads[-1] if heads else ""
    return found


def measure(build, run):
    """([(state, check)], {check: heading}, [what is wrong])"""
    words = (f"suite={run.suites} cpus={run.vps} stride={run.stride} "
             "headings=1")
    text = image.config(words, "", run.guest, run.privileges, run.vps)
    with build.run_folder(f"peer-{run.name}") as place:
        outcome = boot(place, image.command(build, place.path, "rom", text,
                                            run.vps), LIMIT)
        if outcome.exit is None:
            outcome.said = ending.explain(place, outcome)
    lines = console.guest_lines(outcome.text)
    errors = [*tap.read(lines).errors]
    if outcome.exit and outcome.exit[0] != 0:
        errors.append("exit code={} reason={}".format(*outcome.exit))
    if outcome.said:
        errors.append("\n    ".join(outcome.said))
    checks = known.parse("\n".join(lines))
    return [(check.state, check) for check in checks], headings(lines), errors
