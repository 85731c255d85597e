# SPDX-License-Identifier: MIT
"""Tests the reader of TAP: the results of a stream, and the errors in it."""

import pytest

from lethe import tap

GOOD = """# about the first vp 0
ok 1 - s/one
not ok 2 - s/two # hang
ok 3 - s/three # SKIP if0: interrupts are off
what is no TAP
1..3
"""


def read(text):
    return tap.read(text.splitlines())


def test_states():
    assert [(check.name, check.state, check.comment)
            for check in read(GOOD).checks] == [
        ("s/one", "PASS", ""), ("s/two", "FAIL", "hang"),
        ("s/three", "SKIP", "if0: interrupts are off")]


def test_notes_belong_to_the_next_result():
    assert [check.notes for check in read(GOOD).checks] == [
        ["about the first vp 0"], [], []]


def test_a_whole_stream_has_no_errors():
    assert read(GOOD).errors == [] and read(GOOD).bail == ""


@pytest.mark.parametrize("old, new, why", (
    ("1..3\n", "", "no plan"),
    ("1..3", "1..4", "expected 4 results as planned, found 3"),
    ("1..3", "1..0 # SKIP nothing here", "no plan"),
    ("ok 3", "ok 4", "expected result number 3, found 4"),
    ("ok 1 - s/one\n", "", "expected result number 1, found 2")),
    ids=("no plan", "a longer plan", "a plan of nothing", "a number too high",
         "a lost result"))
def test_wrong(old, new, why):
    assert old in GOOD
    assert read(GOOD.replace(old, new, 1)).errors[0].startswith(why)


def test_a_failed_check_is_not_skipped():
    assert tap.result("not ok 1 - a # SKIP x").state == "FAIL"


def test_bail_out():
    assert read("ok 1 - a\nBail out! no\nBail out! more\n").bail == \
        "Bail out! no"


def test_written_and_read_again():
    lines = []
    out = tap.Writer(lines.append)
    out.line(True, "a b", "12 states")
    out.line(False, "c")
    out.plan()
    stream = tap.read(lines)
    assert stream.errors == []
    assert [(check.name, check.state) for check in stream.checks] == [
        ("a b", "PASS"), ("c", "FAIL")]
