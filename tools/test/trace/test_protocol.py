# SPDX-License-Identifier: MIT
"""Tests the checker of protocol.py: it accepts a trace in which all is right,
and says what is wrong with each one that was changed in one place."""

import pytest

import protocol
from lethe.console_tests.records import Record

LIST = 1 << 32 | 0x0003
SPACE = 0x0002
FAST_SET = 0x0051
TRANSLATE = 1 << 32 | 0x0052


def vmcall(tsc, vp, info, status="SUCCESS", ticks=400):
    return Record(tsc, vp, f"guest:{vp}", "exit",
                  {"reason": "VMCALL", "info": info, "status": status,
                   "ticks": ticks})


def leaves(tsc, vp, reason="EXCEPTION_NMI"):
    return Record(tsc, vp, f"guest:{vp}", "exit",
                  {"reason": reason, "info": 0, "status": None, "ticks": 70})


def event(tsc, vp, name, **fields):
    return Record(tsc, vp, f"guest:{vp}", name, fields)


def kick(tsc, vp, target):
    return event(tsc, vp, "kick", posted=0, cpu=target, run=1 << 17 | target,
                 targets=1 << target)


def waits(tsc, vp):
    return event(tsc, vp, "suspend", target="guest:1")


# VP 0 inhibits VP 1 and ends that; the calls of VPs 2 and 3 wait meanwhile.
# Before, VP 3 flushes VP 1, which executes it when the inhibit has begun.
GOOD = {
    "before": vmcall(1000, 3, LIST),
    "before-kick": kick(1200, 3, 1),
    "before-leaves": leaves(1300, 1),
    "set-call": vmcall(1400, 0, TRANSLATE),
    "set": event(1700, 0, "inhibit_set", target="guest:1", word=1),
    "before-drained": event(1800, 1, "drained", full=0),
    "call": vmcall(3000, 2, LIST, None),
    "suspend": waits(3200, 2),
    "other-call": vmcall(3100, 3, SPACE, None),
    "other-suspend": waits(3300, 3),
    "target-leaves": leaves(5000, 1, "PREEMPTION_TIMER"),
    "clear-call": vmcall(9000, 0, FAST_SET),
    "clear": event(9200, 0, "inhibit_clear", target="guest:1"),
    "wake": event(9400, 2, "wake", ticks=6200),
    "other-wake": event(9500, 3, "wake", ticks=6200),
    "reissue": event(9600, 2, "reissue", event=0),
    "other-reissue": event(9700, 3, "reissue", event=0x80000053),
    "again": vmcall(9800, 2, LIST),
    "again-kick": kick(10000, 2, 1),
    "again-leaves": leaves(10100, 1),
    "again-drained": event(10200, 1, "drained", full=0),
    "handler": vmcall(10300, 3, 0x8001),
    "other-again": vmcall(11000, 3, SPACE),
    "end": leaves(12000, 1, "PREEMPTION_TIMER"),
}


def trace(without=(), **changed):
    """The good records without some, and with others in place of some"""
    found = {name: record for name, record in GOOD.items()
             if name not in without}
    found.update((name.replace("_", "-"), record)
                 for name, record in changed.items())
    return sorted(found.values(), key=lambda record: record.tsc)


def test_a_good_trace():
    assert protocol.complaints(trace()) == []


def test_its_story():
    assert protocol.story(trace()) == [
        "3 list: SUCCESS", "0 inhibits 1", "1 is flushed", "2 list: not yet",
        "3 space: not yet", "2 waits for 1", "3 waits for 1", "0 frees 1",
        "2 wakes", "3 wakes", "2 repeats", "3 repeats, after an event",
        "2 list: SUCCESS", "1 is flushed", "3 space: SUCCESS"]


WRONG = (
    (trace(without=["set", "clear", "set-call"]), "which is not inhibited"),
    (trace(suspend=waits(950, 2), call=vmcall(900, 2, LIST, None)),
     "which is not inhibited"),
    (trace(call=vmcall(3000, 2, 0x000b, None)), "outside of a flush call"),
    (trace(call=vmcall(3000, 2, LIST)), "or in one that ended"),
    (trace(without=["suspend", "wake", "reissue"]),
     "goes on after a call that has not ended"),
    (trace(without=["other-wake", "other-reissue", "handler", "other-again"]),
     "the trace ends while it is suspended"),
    (trace(without=["other-reissue", "handler", "other-again"]),
     "the trace ends while it is woken"),
    (trace(without=["other-again"]), "the trace ends while it is interrupted"),
    (trace(more=waits(3250, 2)), "is suspended while it is suspended"),
    (trace(more=event(9450, 2, "wake", ticks=6250)), "is woken while it woken"),
    (trace(more=event(8000, 2, "wake", ticks=4800), without=["wake"]),
     "although no inhibit has ended"),
    (trace(wake=event(9400, 2, "wake", ticks=100)), "ticks, not 100"),
    (trace(more=leaves(4000, 2)), "executes while it is suspended"),
    (trace(without=["reissue"]), "executes while it is woken"),
    (trace(more=event(9650, 2, "reissue", event=0)),
     "calls again while it is reissued"),
    (trace(again=vmcall(9800, 2, LIST | 1 << 48)), "makes another call"),
    (trace(other_again=vmcall(11000, 3, LIST)),
     "the trace ends while it is interrupted"),
    (trace(more=event(5200, 1, "drained", full=0)),
     "executes a flush while it is inhibited"),
    (trace(more=vmcall(4000, 4, LIST), kick=kick(4100, 4, 1)),
     "its flush of guest:1 ends, which is inhibited"),
    (trace(without=["again-drained"]), "does not execute the work"))


@pytest.mark.parametrize("records, wanted", WRONG,
                         ids=[f"{number} {wanted}" for number, (_, wanted)
                              in enumerate(WRONG, 1)])
def test_what_is_wrong(records, wanted):
    found = protocol.complaints(records)
    assert any(wanted in text for text in found), found


@pytest.mark.parametrize("records", (
    # INIT ends a suspension, and flushes
    trace(without=["other-wake", "other-reissue", "handler", "other-again"],
          more=event(5000, 3, "state", **{"to": "wait-sipi",
                                          "from": "suspended"})),
    # the target flushes its own translations
    trace(more=event(5200, 1, "drained", full=1),
          target_leaves=leaves(5000, 1, "CR_ACCESS")),
    # the inhibit ends before the VP sleeps: it repeats its call at once
    trace(call=vmcall(9100, 2, LIST, None),
          without=["suspend", "wake", "reissue"]),
    # a call that is suspended once more
    trace(again=vmcall(9800, 2, LIST, None), more=waits(9850, 2),
          set_again=event(9840, 0, "inhibit_set", target="guest:1", word=1),
          clear_again=event(10900, 0, "inhibit_clear", target="guest:1"),
          wake_again=event(11000, 2, "wake", ticks=1150),
          reissue_again=event(11100, 2, "reissue", event=0),
          third=vmcall(11200, 2, LIST),
          without=["again-kick", "again-leaves", "again-drained"])),
    ids=("INIT", "own flush", "undone", "suspended again"))
def test_what_is_right(records):
    assert protocol.complaints(records) == []


def test_what_a_ring_has_lost():
    """Of a full ring the records from its oldest on count, of all CPUs."""
    full = [leaves(2000 + tsc, 1) for tsc in range(protocol.RING)]
    early, late = leaves(1999, 0), leaves(2000, 0)
    assert protocol.complete([early, late, *full]) == [late, *full]
    assert protocol.complete([early, late, *full[:9]]) == [early, late,
                                                           *full[:9]]
