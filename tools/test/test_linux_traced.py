# SPDX-License-Identifier: MIT
"""Tests how the ticks of traced munmaps are shared out (guest-test/linux, the
parts that run on the build host too), and what the Linux bench makes of it."""

import subprocess

import pytest

from lethe.linux_bench import bars, parse, report, results, run, table, traced
from lethe.linux_guest import judge, machine

LULL = 500_000  # guest-test/linux/shares.h
TIMEOUT = 4_000_000


def line(thread, ticks, event, fields=""):
    return f"     my [cmd]-2-{thread:<7} [001] d..2. {ticks}: {event}: {fields}"


def asks(thread, ticks):
    return line(thread, ticks, "mmap_lock_start_locking",
                "mm=00000000aa memcg_path= write=true")


def takes(thread, ticks, good="true", write="true"):
    return line(thread, ticks, "mmap_lock_acquire_returned",
                f"mm=00000000aa memcg_path= write={write} success={good}")


def gives(thread, ticks):
    return line(thread, ticks, "mmap_lock_released",
                "mm=00000000aa memcg_path= write=false")


def flushes(thread, ticks, end):
    return [line(thread, ticks, "flush_begin", "(flush_tlb_mm_range+0x0/0x1)"),
            line(thread, end, "flush_end",
                 "(tlb_finish_mmu+0x8/0x1 <- flush_tlb_mm_range)")]


def queues(thread, ticks, end, flags="WRITE", lock="00000000c5d5fde1"):
    return [line(thread, ticks, "contention_begin", f"{lock} (flags={flags})"),
            line(thread, end, "contention_end", f"{lock} (ret=0)")]


def switch(ticks, before, after):
    return line(before, ticks, "sched_switch",
                f"prev_comm=init prev_pid={before} prev_prio=120 prev_state=S "
                f"==> next_comm=init next_pid={after} next_prio=120")


def operation(thread, begin, end):
    return [f"begin {thread} {begin}", f"end {thread} {end}"]


@pytest.fixture(name="share_out")
def fixture_share_out(build):
    """share_out(lines): {group: {word: number}}"""
    program = build.folder / "linux-init/shares"
    build.require(program)

    def share_out(*lines):
        done = subprocess.run([program], input="\n".join([*lines, ""]),
                              text=True, check=False, capture_output=True)
        if done.stdout == "none\n":
            return None
        assert done.returncode == 0, done.stderr
        found = {}
        for one in done.stdout.splitlines():
            group, *words = one.split()
            found.setdefault(group, {}).update(
                (key, int(value)) for key, value in
                (word.split("=") for word in words))
        assert tuple(found) == parse.GROUPS
        return found

    return share_out


def shown(values):
    """The shares that are not 0."""
    assert sum(values[key] for key in parse.SHARED) == values["ticks"]
    return {key: values[key] for key in parse.SHARED if values[key]}


def test_one_thread_takes_the_lock_and_flushes(share_out):
    found = share_out(*operation(7, 1000, 2000), asks(7, 1100), takes(7, 1130),
                      takes(7, 1200, write="false"), *flushes(7, 1300, 1550),
                      gives(7, 1800))
    assert shown(found["all"]) == {"lock_free": 30, "flush": 250, "rest": 720}
    assert found["all"]["passed"] == found["all"]["queued"] == 0


def holder(*, end=9000):
    """Thread 1 holds the lock from 1000 on; thread 2 asks at 2000 and gets it
    at `end`."""
    return [*operation(1, 900, 900), asks(1, 990), takes(1, 1000),
            *operation(2, 1990, end + 10), asks(2, 2000), gives(1, end),
            takes(2, end)]


def slowest(found):
    return shown(found["slowest"])


def test_what_the_holder_of_the_lock_does_meanwhile(share_out):
    assert slowest(share_out(*holder())) == {"holder_runs": 7000, "rest": 20}
    assert slowest(share_out(*holder(), *flushes(1, 3000, 3600))) == {
        "holder_flushes": 600, "holder_runs": 6400, "rest": 20}
    assert slowest(share_out(*holder(), switch(4000, 1, 0),
                             switch(4900, 0, 1))) == {
        "holder_out": 900, "holder_runs": 6100, "rest": 20}


def test_a_holder_without_events_has_no_turn(share_out):
    end = 1000 + LULL
    assert slowest(share_out(*holder(end=end))) == {
        "holder_lull": LULL - 1000, "rest": 20}
    end -= 1
    assert slowest(share_out(*holder(end=end))) == {
        "holder_runs": LULL - 1001, "rest": 20}


def test_the_lock_can_be_free_while_one_waits(share_out):
    lines = [*operation(1, 900, 900), asks(1, 990), takes(1, 1000),
             gives(1, 1500), *operation(2, 1000, 5000), asks(2, 1200),
             takes(2, 4000)]
    assert slowest(share_out(*lines)) == {
        "holder_runs": 300, "lock_free": 2500, "rest": 1200}


def test_others_that_pass_a_waiter_are_counted_once_each(share_out):
    lines = [*operation(2, 1000, 9000), asks(2, 1000), takes(2, 8000),
             *operation(1, 900, 900)]
    for at in (2000, 3000, 4000):
        lines += [asks(1, at), takes(1, at + 10),
                  takes(1, at + 20, write="false"), gives(1, at + 500)]
    lines += [asks(1, 5000), takes(1, 5010, good="false")]
    lines += [gives(2, 8100), asks(1, 8200), takes(1, 8210)]  # it waits no more
    found = share_out(*lines)["slowest"]
    assert found["passed"] == 3
    assert shown(found) == {"holder_runs": 3 * 490, "rest": 1000,
                            "lock_free": 7000 - 3 * 490}


def test_a_lock_that_is_not_there_at_once_is_no_longer_waited_for(share_out):
    found = share_out(*operation(2, 1000, 2000), asks(2, 1100),
                      takes(2, 1150, good="false"))
    assert shown(found["all"]) == {"lock_free": 50, "rest": 950}


def test_waits_in_the_queue_and_hand_overs(share_out):
    def wait(ticks):
        lines = [*operation(2, 1000, 9000 + ticks), asks(2, 1000),
                 *queues(2, 1500, 1500 + ticks), takes(2, 1600 + ticks),
                 switch(1700, 2, 0), switch(1800, 0, 2), switch(1900, 2, 0),
                 switch(2000, 0, 2), switch(1700 + ticks, 2, 0),
                 switch(1800 + ticks, 0, 2)]
        found = share_out(*lines)["all"]
        return found["queued"], found["timeouts"], found["wakes"]

    assert wait(TIMEOUT) == (1, 0, 2)
    assert wait(TIMEOUT + 1) == (1, 1, 2)


def test_a_spin_inside_the_wait_is_no_end_of_it(share_out):
    inside = [word for at in (1100, 2500) for word in
              queues(2, at, at + 100, "SPIN", "00000000c5d5fde2")]
    found = share_out(*operation(2, 1000, 9000), asks(2, 1000),
                      *queues(2, 1500, 8000), *inside, takes(2, 8100))["all"]
    assert found["queued"] == 1
    assert shown(found) == {"lock_free": 7100, "rest": 900}


def test_other_locks_and_switches(share_out):
    found = share_out(*operation(2, 1000, 9000),
                      *queues(2, 2000, 2300, "SPIN|READ"),
                      *queues(2, 3000, 3500, "MUTEX"),
                      switch(4000, 2, 9), switch(4800, 9, 2),
                      switch(6000, 8, 9), switch(7000, 9, 8))
    assert shown(found["all"]) == {"other_lock": 800, "out": 800, "rest": 6400}


def test_splits_of_a_mapping_and_answers_to_others(share_out):
    found = share_out(*operation(2, 1000, 9000),
                      line(2, 2000, "split_begin", "(__split_vma+0x0/0x1)"),
                      line(2, 2100, "call_function_entry", "vector=252"),
                      line(2, 2400, "call_function_exit", "vector=252"),
                      line(2, 3000, "split_end",
                           "(do_mas_align_munmap+0x8/0x1 <- __split_vma)"),
                      line(2, 5000, "call_function_single_entry", "vector=251"),
                      line(2, 5070, "call_function_single_exit", "vector=251"))
    assert shown(found["all"]) == {"answer": 370, "split": 700, "rest": 6930}


def test_a_thread_without_events_has_no_turn(share_out):
    begin = operation(2, 1000, 2 * LULL)
    assert shown(share_out(*begin)["all"]) == {"lull": 2 * LULL - 1000}
    assert shown(share_out(*begin, *flushes(2, 1000, LULL + 1001))["all"]) == {
        "flush": LULL + 1, "rest": LULL - 1001}


def test_the_groups(share_out):
    lines = [word for at in range(200) for word in
             operation(3, at * 1000, at * 1000 + 100 + at)]
    found = share_out(*lines)
    assert [[values[key] for key in ("operations", "least", "most")]
            for values in found.values()] == [
                [200, 100, 299], [20, 190, 209], [2, 298, 299]]


def test_an_operation_without_an_end_and_other_lines_are_passed_over(share_out):
    found = share_out("# tracer: nop", "begin 4 50", *operation(3, 100, 300),
                      line(3, 150, "sched_waking", "pid=3"), "-3 [001]", "")
    assert found["all"]["operations"] == 1
    assert shown(found["all"]) == {"rest": 200}


def test_too_many_threads_are_refused(share_out):
    lines = [word for thread in range(1, 18) for word in
             operation(thread, 100, 300)]
    assert share_out(*lines) is None
    assert share_out(*lines[:32])["all"]["operations"] == 16


def said(group="slowest", **changed):
    """The lines of Linux about a group."""
    values = dict.fromkeys(parse.SHARE_FIELDS, 0) | {
        "operations": 16, "ticks": 3200, "holder_flushes": 1000,
        "lock_free": 1400, "flush": 800,
        "timeouts": 5, "passed": 90} | changed
    words = [f"{key}={value}" for key, value in values.items()]
    head = f"# stress where munmap {group} pages=16 threads=4"
    return [f"{head} {' '.join(part)}" for part in
            (words[:8], words[8:13], words[13:])]


def test_the_lines_of_linux_become_a_part():
    found = parse.shares(["# stress traced munmap threads=4 events=9 lost=0",
                          *said(), *said("all", operations=1600)])
    assert list(found) == ["where-munmap-16-4-slowest", "where-munmap-16-4-all"]
    assert found["where-munmap-16-4-slowest"]["holder_flushes"] == 1000


@pytest.mark.parametrize("lines,why", [
    (said()[:2], "expected the fields"), (said()[1:], "expected the fields"),
    (said() + said(), "twice"), (said(rest=1), "add up to 3200 ticks")])
def test_lines_that_do_not_fit_are_refused(lines, why):
    with pytest.raises(ValueError, match=why):
        parse.shares(lines)


def traced_rows():
    """Both arms of 4 VPs on 2 CPUs, traced."""
    rows = [table.Row(name=arm, arm=arm, vps=4, trace=True)
            for arm in ("hypercall", "ipi")]
    found = {row.name: results.Result(
        {"commit": row.arm, "kernel": "6.1"},
        parse.shares([*said("middle"), *said(),
                      *(one.replace("threads=4", "threads=1")
                        for one in said())])) for row in rows}
    return rows, found


def test_the_tables():
    rows, found = traced_rows()
    shares = traced.share_table(rows, found).splitlines()
    assert len(shares) == 2 + 4  # of a thread alone only the middle
    assert shares[2].startswith("| 4 on 2, 5 ms | munmap 16 | around the "
                                "median | hypercall | 200 | 62 | 0 |")
    assert shares[3].split(" | ")[3] == "ipi"
    waits = traced.wait_table(rows, found).splitlines()
    assert waits[2:] == [
        f"| 4 on 2, 5 ms | munmap 16 | slowest | {arm} | 16 | 0 | 5 | 0 | 90 |"
        for arm in ("hypercall", "ipi")]


def test_what_the_trace_says():
    rows, found = traced_rows()
    text = traced.reasons(rows, found)
    assert text.count("\n") == 2
    assert ("hypercall: from 0 ticks on. The wait for the lock has 75.0 %, the "
            "own flush 25.0 %, all else 0.0 %; 5 waits") in text
    assert "of the lock, they would be 2.285 times shorter" in text
    rows += [table.Row(name=f"{arm}-2", arm=arm, trace=True)
             for arm in ("hypercall", "ipi")]
    found |= {f"{arm}-2": results.Result({}, parse.shares(
        one.replace("threads=4", "threads=2") for one in said(
            "middle", flush=300, answer=answer, rest=500 - answer)))
        for arm, answer in (("hypercall", 0), ("ipi", 200))}
    assert text in traced.reasons(rows, found)
    text = traced.reasons(rows, found)
    assert ("Of these its own flush 18 and 18, flushes for the other 0 and "
            "12, waits for the lock 150 and 150, splits 0 and 0, the rest 31 "
            "and 18.") in text
    assert "would be 1.185 times shorter" in text  # 3200 / 2700
    assert traced.reasons(rows[2:3], found) == ""


def test_a_traced_row_is_in_no_other_table_and_no_bar():
    rows, found = traced_rows()
    empty = report.blocks([], {})
    made = report.blocks(rows, found)
    assert {name for name in made if made[name] != empty[name]} == {
        "where the time of munmap went", "waits for the lock",
        "what the trace says",
        "what was traced"}
    assert bars.pairs(rows, found) == {}


def judged(lines):
    """What is wrong with a traced run that prints these lines."""
    text = "".join(f"guest| {one}\n" for one in lines)
    ran = judge.Seen(text + "[0] guest: stopped code=0 reason=sleep\n",
                     hypercalls="  call 0x0003          success=16\n")
    ran.text += "guest| # interrupts TLB:   0   0   TLB shootdowns\n"
    rows = run.rows_of(table.Row(name="t", arm="hypercall", trace=True), ran,
                       parse.parts(ran, "", ""))
    return [name for state, name, _ in rows if state == "FAIL"]


def test_a_traced_run_has_all_its_parts_and_no_lost_event():
    good = "ok 1 - stress/status"
    lines = [one.replace("munmap", work).replace("threads=4", f"threads={n}")
             for work in ("munmap", "munmap_read") for n in (1, 4)
             for group in parse.GROUPS for one in said(group)]
    assert judged([*lines, good]) == []
    assert judged(lines) == ["t: jobs"]
    assert judged([*lines, f"not {good}"]) == ["t: jobs"]
    assert judged([*lines[3:], good]) == ["t: jobs"]


def test_a_traced_row_traces_and_does_nothing_else():
    row = table.Row(name="t", arm="ipi", vps=4, trace=True)
    words = row.guest().command_line().split()
    assert "test.jobs=stress" in words and "cgroup_disable=memory" in words
    assert "test.stress=/bin/where,400" in words
    names = {row.name for row in table.load() if row.trace}
    assert names == {f"{arm}-{where}-traced" for arm in ("hypercall", "ipi")
                     for where in ("2-on-2", "4-on-2-5ms")}


def test_only_a_traced_row_has_the_program(build):
    row = table.Row(name="t", arm="ipi", trace=True)
    program = (build.folder / "linux-init/where").read_bytes()
    assert program in machine.initramfs(build, row.guest(), None)
    row.trace = False
    assert program not in machine.initramfs(build, row.guest(), None)
