# SPDX-License-Identifier: MIT
"""The command `demo` and the trace of the same run: each number that demo
prints is compared with the records. Both count ticks of one TSC."""

import re

import pytest

from lethe.console_tests import records
from test_console_demo import started

# From the moment at which a step of demo takes the time until it records what
# it does, in ticks: the step formats a line of text in between
SLACK = 5000
STEPS = re.compile(
    r"1\. Flushes of guest:1 in (?P<before_ticks>\d+) ticks: (?P<before>\d+)\."
    r"[\s\S]*3\. (?P<caller>\S+) called and is suspended, seen "
    r"(?P<met_ticks>\d+) ticks later"
    r"[\s\S]*4\. VM exits of \S+ in the next (?P<wait_ticks>\d+) ticks: "
    r"(?P<exits>\d+)\."
    r"[\s\S]*6\. Flushes of guest:1 since then: (?P<after>\d+), seen after "
    r"(?P<after_ticks>\d+) ticks. Still inhibited: (?P<still>\w+)\.")
LIST = 0x0003


@pytest.fixture
def run(build):
    """(what demo said, records); the lines are typed ahead, so that no ring
    runs over between demo and `trace off`."""
    with started(build, "demo") as line:
        line.expect(r"^guest\| # demo: .*\n")
        line.command("trace clear")
        line.type("demo\rtrace off\r")
        said = line.expect(r"demo\n([\s\S]*?)^lethe> trace off\n")[1]
        dump = line.command("trace dump")
    steps = STEPS.search(said)
    assert steps, said
    return {name: text if name in ("caller", "still") else int(text)
            for name, text in steps.groupdict().items()}, records.read(build,
                                                                       dump)


def one(found, event):
    chosen = [record for record in found if record.event == event]
    assert len(chosen) == 1, chosen
    return chosen[0]


def between(found, first, last, event, **fields):
    return [record for record in found if record.event == event and
            first < record.tsc <= last and
            all(record[name] == value for name, value in fields.items())]


def flush_calls(found, first, last, status):
    return [record for record in between(found, first, last, "exit",
                                         reason="VMCALL", status=status)
            if record["info"] & 0xffff == LIST]


def test_demo_and_trace(run, check):
    said, found = run
    inhibit, suspend = one(found, "inhibit_set"), one(found, "suspend")
    clear, wake = one(found, "inhibit_clear"), one(found, "wake")
    check("the inhibit is of guest:1", inhibit["target"] ==
          suspend["target"] == clear["target"] == "guest:1")
    check("they happen in the order of the steps",
          inhibit.tsc < suspend.tsc < clear.tsc < wake.tsc)

    # 1. The step began before_ticks before it ended, which was at most SLACK
    # before the inhibit. The command runs on the caller's CPU, so no call is
    # made in the slack at its end, but the target may drain the last call's
    # flush then. In the slack at its begin one may be made and drained.
    begin = inhibit.tsc - said["before_ticks"]
    counts = [len(between(found, *times, "drained"))
              for times in ((begin, inhibit.tsc - SLACK),
                            (begin - SLACK, inhibit.tsc))]
    check("1: flushes", counts[1] - counts[0] <= 2 and
          counts[0] <= said["before"] <= counts[1], (said, counts))
    # The last exit for the timer before that is outside of any call
    begin = max(record.tsc for record in between(
        found, 0, begin, "exit", reason="PREEMPTION_TIMER")
        if record.cpu == 0)
    drained = between(found, begin, inhibit.tsc, "drained")
    check("1: all of them of guest:1",
          {record.vp for record in drained} == {"guest:1"})
    calls = flush_calls(found, begin, inhibit.tsc, "SUCCESS")
    check("1: a call for each", len(calls) == len(drained), len(calls))
    kicks = between(found, begin, inhibit.tsc, "kick", cpu=1, posted=0)
    waits = between(found, begin, inhibit.tsc, "waited", cpu=1)
    check("1: a kick for each", len(kicks) == len(drained), len(kicks))
    check("1: a wait for each kick at most", len(waits) <= len(kicks),
          len(waits))
    # None is recorded where the target is out before the caller looks
    check("1: a wait is shorter than its call",
          all(wait["ticks"] < call["ticks"] for wait in waits
              for call in calls
              if call.tsc < wait.tsc < call.tsc + call["ticks"]))

    # 3. and 4. The caller is seen, then waited for; then the inhibit ends
    seen = inhibit.tsc + said["met_ticks"]
    check("3: the caller that is suspended", suspend.vp == said["caller"] ==
          wake.vp == "guest:0")
    check("3: seen after it happened", suspend.tsc < seen + SLACK and
          suspend.tsc > inhibit.tsc)
    check("3: nothing was flushed", not between(found, inhibit.tsc, clear.tsc,
                                                "drained"))
    due = seen + said["wait_ticks"]
    check("3 and 4: their ticks lead to the end of the inhibit",
          due - SLACK < clear.tsc < due + 2 * SLACK, (due, clear.tsc))
    exits = [record for record in between(found, suspend.tsc, clear.tsc,
                                          "exit")
             if record.vp == "guest:0"]
    check("4: VM exits", len(exits) == said["exits"] == 0, exits)
    check("4: ticks of the suspension", abs(
        wake["ticks"] - (wake.tsc - suspend.tsc)) < SLACK, wake)

    # 6. Until the first flush is seen
    end = clear.tsc + said["after_ticks"]
    flushes = between(found, clear.tsc, end, "drained")
    check("6: flushes", len(flushes) == said["after"], flushes)
    again = flush_calls(found, wake.tsc, end, "SUCCESS")
    waiting = flush_calls(found, 0, suspend.tsc, None)[-1]
    check("6: the same call is made again",
          again and again[0]["info"] == waiting["info"], again)
    check("6: after its reissue",
          one(found, "reissue").tsc > wake.tsc and
          one(found, "reissue").tsc < again[0].tsc)
    check("6: still inhibited", said["still"] == "no")
