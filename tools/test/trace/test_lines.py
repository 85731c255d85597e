# SPDX-License-Identifier: MIT
"""Tests the text, the summary, and the choice of records."""

import json

import pytest

from dumps import MARK, NO_VP, SCENE, START, TEXT, exit_of


def test_text(tool, scene):
    assert tool.good("text", log=scene) == TEXT


def test_times_since_a_mark(tool):
    log = tool.encode([(0, START + 100, MARK, 0, NO_VP, 1, 0, 0),
                       (0, START + 150, MARK, 0, NO_VP, 2, 0, 0),
                       exit_of(START + 170, 0, 0, 12)])

    def since(*words):
        out = tool.good("--ticks", *words, "text", log=log)
        return [line.split()[2] for line in out.splitlines()[1:]]

    assert since() == ["0", "0", "20"]
    assert since("--mark", "1") == ["0", "50", "70"]
    assert since("--mark", "3") == ["-", "-", "-"]


def test_summary(tool, scene):
    out = tool.good("summary", log=scene)
    for line in ("dump 1 of 1", "commit deadbeef", "tsc_hz 10000000",
                 "partition 1: other, 2 VPs, stride 64", "records 10",
                 "hypercalls 2", "event exit: 4", "event mark: 1",
                 "first 0.000025600 s", "last 0.000844800 s"):
        assert f"{line}\n" in out, line


def test_json_lines(tool, scene):
    rows = [json.loads(line)
            for line in tool.good("jsonl", log=scene).splitlines()]
    assert len(rows) == len(SCENE)
    assert rows[0] == {
        "tsc": 0x1100, "cpu": 0, "vp": "guest:0", "event": "exit", "call": 1,
        "fields": {"failed": 0, "slot": 0, "reason": "VMCALL",
                   "info": 0x1_0000_0003, "status": "SUCCESS", "ticks": 340}}
    assert rows[1]["cpu"] == 0 and rows[1]["fields"]["cpu"] == 1
    assert rows[5]["fields"]["status"] is rows[5]["fields"]["ticks"] is None
    assert rows[6] == {"tsc": 0x2010, "cpu": 0, "vp": "guest:0",
                       "event": "suspend", "call": 2,
                       "fields": {"target": "guest:1"}}


FILTERS = (
    ("--cpu 1", 2), ("--cpu 3", 0), ("--vp guest:1", 2), ("--vp 1:64", 1),
    ("--event exit", 4), ("--event kick,drained", 2),
    ("--event exit --vp guest:0", 2), ("--from 400us", 5), ("--to 30.4us", 3),
    ("--from 28.8us --to 28.8us", 1), ("--from 0.0004 --to 1ms", 5),
    ("--from -1s --to 0s", 0),
)


@pytest.mark.parametrize("words, count", FILTERS,
                         ids=[row[0] for row in FILTERS])
def test_filter(tool, scene, words, count):
    out = tool.good(*words.split(), "text", log=scene)
    assert len(out.splitlines()) == 1 + count
