# SPDX-License-Identifier: MIT
"""Tests how a boot test's printed lines are compared with those of the last
run that was accepted."""

import types

import pytest

from lethe.boot_tests import judge

LINES = """guest| # invvpids 1 1 2 0 0 0
guest| # invvpids 2 1 4 0 0 0
guest| ok 1 - lists/small
"""
ACCEPTED = "1\t1\t2\t0\t0\t0\n2\t1\t4\t0\t0\t0\n"


@pytest.fixture
def case(tmp_path):
    return types.SimpleNamespace(
        name="lists-5", printed="invvpids",
        expected_lines=tmp_path / "lists-5.invvpids.tsv")


def failed(case, text):
    outcome = types.SimpleNamespace(text=text)
    return [name for state, name, _ in judge.judge_printed(case, outcome)
            if state == "FAIL"]


def test_the_lines_that_were_accepted(case):
    case.expected_lines.write_text(ACCEPTED)
    assert failed(case, LINES) == []


def test_another_count(case):
    case.expected_lines.write_text(ACCEPTED.replace("4", "1"))
    assert failed(case, LINES) == ["lists-5: invvpids 2 1 1 0 0 0",
                                   "lists-5: lists-5.invvpids.tsv"]


@pytest.mark.parametrize("text", [
    LINES + LINES, "", LINES.partition("\n")[2]],
    ids=("twice", "none", "one is missing"))
def test_another_number_of_lines(case, text):
    case.expected_lines.write_text(ACCEPTED)
    assert "lists-5: lists-5.invvpids.tsv" in failed(case, text)


def test_nothing_was_accepted(case):
    assert failed(case, LINES) == ["lists-5: lists-5.invvpids.tsv"]
