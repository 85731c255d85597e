# SPDX-License-Identifier: MIT
"""The trace of the checks of the suite `inhibit`: dumped over the serial line
of a machine under Bochs, decoded, and compared with the protocol event by
event, and with the counts of the guest and of the console."""

import collections
import fnmatch
import itertools
import re

import pytest

import protocol
from lethe import tap
from lethe.console_tests import records
from lethe.console_tests.line import Line
from lethe.machine import console, image

CPUS = 4
FLUSHED = re.compile(r"^guest:(\d) flushed=(\d+) ", re.MULTILINE)
CALLS = re.compile(r"^  call 0x00(02|03|13|14) +(.*)$", re.MULTILINE)


def call(vp, form="list", targets=(1,), first=""):
    """A call that waits for an inhibit of VP 1, which VP 0 ends."""
    return [f"{vp} {form}: not yet", f"{vp} waits for 1", "0 frees 1",
            *again(vp, form, targets, first)]


def again(vp, form="list", targets=(1,), first=""):
    return [f"{vp} wakes", f"{vp} repeats{first}", f"{vp} {form}: SUCCESS",
            *(f"{target} is flushed" for target in targets)]


def scene(*lines):
    return ["0 inhibits 1", *lines]


ONE = scene(*call(2))
EVENT = scene(*call(2, first=", after an event"))
# Each check, and what the trace says of it, where the order is determined
STORIES = {
    "one_caller_list": ONE,
    "one_caller_list_ex": scene(*call(2, "list_ex")),
    "one_caller_space": scene(*call(2, "space")),
    "one_caller_space_ex": scene(*call(2, "space_ex")),
    "one_caller_all": scene(*call(2, "space", (0, 1, 3))),
    "long_list": ONE * 3,
    "many_inhibitors": scene(
        "3 inhibits 3", "2 list: not yet", "2 waits for 1", "0 frees 1",
        "2 wakes", "2 repeats", "2 list: not yet", "2 waits for 3",
        "0 frees 3", *again(2, targets=(1, 3))),
    "caller_inhibited": scene(
        "0 frees 1", "0 inhibits 2", "2 list: SUCCESS", "1 is flushed",
        "3 list: not yet", "3 waits for 2", "0 frees 2",
        *again(3, targets=(2,))),
    "not_a_target": [
        *scene("2 space_ex: SUCCESS", "0 frees 1"),
        *scene("2 space_ex: SUCCESS", "0 is flushed", "0 frees 1"),
        *scene("2 space_ex: SUCCESS", "0 frees 1")],
    "cleared_by_another": scene(
        "2 list: not yet", "2 waits for 1", "3 frees 1", *again(2)),
    "cleared_by_the_target": scene(
        "2 list: not yet", "2 waits for 1", "1 frees 1", *again(2)),
    "long_suspension": ONE,
    "interrupt": EVENT,
    "interrupt_call": EVENT,
    "nmi": EVENT,
    "interrupt_if0": ONE,
    "timer": EVENT,
    "init_of_caller": scene("2 list: not yet", "2 waits for 1", "2 gets INIT",
                            "0 frees 1"),
    "init_of_target": scene("2 list: not yet", "2 waits for 1", "1 gets INIT",
                            "0 frees 1", *again(2)),
    "caller_is_target": ONE,
}
# Two callers at once: only the order of each VP's own lines is determined
BOTH = {"2": ["2 list: not yet", "2 waits for 1", *again(2, targets=())],
        "3": ["3 list: not yet", "3 waits for 1", *again(3, targets=())]}
# These set and clear inhibits, or translate, without a flush meanwhile
ALONE = ("clear_bits", "get*", "set_*", "translate*", "walk_*")
# On two CPUs
SHARED = ("many_callers", "many_inhibitors", "interrupt")
# Races: how often who waits differs; rounds so that the rings hold them
RACES = {"in_storm": "rounds=6", "clear_sweep": "rounds=16",
         "two_translators": ""}


def in_order(lines):
    """Lines of several targets of one call come in any order: sorts them."""
    runs = itertools.groupby(lines, lambda line: line.endswith(" is flushed"))
    return [line for is_flush, run in runs
            for line in (sorted(run) if is_flush else run)]


class Suite:
    """A run of one check of the suite, with 4 VPs, each on its own CPU if there
    are 4 CPUs."""

    def __init__(self, build, check, words="", cpus=CPUS):
        text = image.config(f"suite=inhibit only={check} cpus={CPUS} {words}",
                            "at-end = console", vps=CPUS)
        build.require(build.hypervisor, build.guest)
        with build.run_folder("trace-inhibit") as place, Line(
                lambda com1: image.command(build, place.path, "rom", text,
                                           cpus, com1=com1),
                place.path) as line:
            line.expect("stopped code=")
            self.guest = console.guest_lines(line.text, "guest")
            dump = line.command("trace dump")
            self.hypercalls = line.command("hypercalls guest")
            self.flush = line.command("flush guest")
        self.stream = tap.read(self.guest)
        every = records.read(build, dump)
        self.records = protocol.complete(every)
        self.is_whole = len(self.records) == len(every)

    def check(self, name):
        """What holds for any check, in any order of events; `name` may end with
        a star."""
        assert self.stream.errors == [] and not self.stream.names("FAIL")
        assert fnmatch.filter(self.stream.names("PASS"), f"inhibit/{name}")
        assert protocol.complaints(self.records) == []

    def counts(self):
        """The console's counters since the partition's start are those of the
        trace."""
        assert self.is_whole
        flushed = collections.Counter(
            record.vp for record in self.records if record.event == "drained")
        assert {f"guest:{vp}": int(count)
                for vp, count in FLUSHED.findall(self.flush)} == {
            f"guest:{vp}": flushed[f"guest:{vp}"] for vp in range(CPUS)}
        calls = collections.Counter(
            (protocol.code_of(record), record["status"])
            for record in self.records
            if protocol.code_of(record) in protocol.FLUSHES)
        statuses = {"success": protocol.DONE, "suspended": None}
        told = {(int(code, 16), statuses[name]): int(count)
                for code, words in CALLS.findall(self.hypercalls)
                for name, count in re.findall(r"(\w+)=(\d+)", words)}
        assert told == calls


@pytest.mark.parametrize("name", STORIES)
def test_events(build, name):
    suite = Suite(build, name)
    suite.check(name)
    suite.counts()
    assert in_order(protocol.story(suite.records)) == STORIES[name]


@pytest.mark.parametrize("name", ALONE)
def test_alone(build, name):
    suite = Suite(build, name)
    suite.check(name)
    assert not [record for record in suite.records if record.event in
                ("suspend", "wake", "reissue")]


@pytest.mark.parametrize("name", SHARED)
def test_shared_cpus(build, name):
    """Four VPs on two CPUs: whoever is suspended, another VP runs there."""
    suite = Suite(build, name, "overcommit=1 slice=5000", cpus=2)
    suite.check(name)
    assert [record for record in suite.records if record.event == "suspend"]


def test_two_callers(build):
    suite = Suite(build, "many_callers")
    suite.check("many_callers")
    suite.counts()
    lines = protocol.story(suite.records)
    for vp, wanted in BOTH.items():
        assert [line for line in lines if line.startswith(vp)] == wanted
    assert [line for line in lines if line[0] == "0"] == [
        "0 inhibits 1", "0 frees 1"]
    at = lines.index("0 frees 1")
    assert lines.index("2 waits for 1") < at < lines.index("2 wakes")
    assert lines.index("3 waits for 1") < at < lines.index("3 wakes")
    assert 1 <= lines[at:].count("1 is flushed") <= 2


@pytest.mark.parametrize("name", RACES)
def test_races(build, name):
    suite = Suite(build, name, RACES[name])
    suite.check(name)
    done = collections.Counter(
        record.vp for record in suite.records
        if protocol.code_of(record) in protocol.FLUSHES and
        record["status"] == protocol.DONE)
    told = re.findall(r"^# calls (\d) (\d+)$", "\n".join(suite.guest),
                      re.MULTILINE)
    if name != "two_translators":
        suite.counts()
        assert told == [(str(vp), str(done[f"guest:{vp}"]))
                        for vp in range(2, CPUS)]
    assert [record for record in suite.records if record.event ==
            ("suspend" if name != "two_translators" else "inhibit_set")]
