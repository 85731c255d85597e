# SPDX-License-Identifier: MIT
"""Tests what lethe.measure.shared_cpus reads from a run, and its bar."""

import dataclasses

import pytest

from lethe.console_tests.records import Record
from lethe.measure import shared_cpus as shared

SAID = "ok 1 - start/processors\n" + "".join(
    f"# p99 {name} 2000 440 450 470 900\n# calls_with_a_turn_and_kicks 3 2003\n"
    f"ok {number} - bench-shared/{name}\n"
    for number, name in enumerate(shared.CHECKS, 2)) + "1..7\n"


def call(tsc, ticks=400, cpu=0, **fields):
    return Record(tsc, cpu, f"guest:{cpu}", "exit", {
        "reason": "VMCALL", "status": "SUCCESS", "info": 0x100000003,
        "ticks": ticks, **fields})


def switch(tsc, cpu=0):
    return Record(tsc, cpu, f"guest:{cpu}", "switch", {})


def test_p99_is_exceeded_by_one_in_a_hundred():
    cost = shared.cost_of([*range(1, 201)])
    assert dataclasses.astuple(cost) == (200, 0, 1, 101, 198, 200)
    assert shared.cost_of([5] * 99 + [900]).p99 == 5
    assert shared.cost_of([5] * 98 + [900] * 2).p99 == 900


def test_the_guest_says_all_of_each_check():
    found, wrong = shared.guest_costs(SAID)
    assert not wrong
    assert found == dict.fromkeys(shared.CHECKS, shared.Cost(
        2000, 3, 440, 450, 470, 900))


@pytest.mark.parametrize("old, new", [
    ("# p99 list1 ", "# p98 list1 "), ("# calls_", "# call_"),
    ("list1 2000", "list0 2000"), ("ok 2", "not ok 2"), ("1..7", "1..8")])
def test_a_run_that_is_not_whole(old, new):
    assert shared.guest_costs(SAID.replace(old, new))[1]


def test_calls_of_the_caller_only():
    mine = call(10)
    others = [call(20, cpu=1), call(30, reason="IO"), call(40, info=0x2),
              call(50, status=None), call(60, ticks=None), switch(70)]
    assert shared.traced_calls([mine, *others], "list1") == [mine]
    assert shared.traced_calls([mine, *others], "list1_cpu1") == others[:1]
    assert shared.traced_calls([mine, *others], "space") == others[2:3]


def test_a_switch_in_a_handler():
    calls = [call(1000), call(2000)]
    others = [switch(990), switch(1400), switch(1200, cpu=1), switch(2399)]
    assert shared.with_a_switch([*calls, *others[:3]], calls) == []
    assert shared.with_a_switch([*calls, *others], calls) == calls[1:]


def test_too_few_records():
    calls = [call(1000 * n) for n in range(shared.TRACED_MIN)]
    assert not shared.trace_cost(calls, "list1")[1]
    assert shared.trace_cost(calls[1:], "list1")[1]


def test_the_bar():
    one = shared.cost_of([400] * 100)
    for ticks, is_above in ((300, False), (440, False), (441, True)):
        assert shared.differs(one, shared.cost_of([ticks] * 100)) == is_above
