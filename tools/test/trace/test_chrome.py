# SPDX-License-Identifier: MIT
"""Tests the JSON by its schema, its spans and arrows."""

import json
import pathlib
import random

import jsonschema
import pytest

from dumps import DRAINED, GUEST_MODE, KICK, draw_records, exit_of
SCHEMA = pathlib.Path(__file__).with_name("chrome.schema.json")


def test_chrome_agrees_with_its_schema(tool, scene):
    schema = json.loads(SCHEMA.read_text())
    jsonschema.Draft7Validator.check_schema(schema)
    validator = jsonschema.Draft7Validator(schema)
    logs = [scene] + [tool.encode(draw_records(random.Random(seed), 300))
                      for seed in range(5)]
    for log in logs:
        validator.validate(json.loads(tool.good("chrome", log=log)))
    with pytest.raises(jsonschema.ValidationError):
        validator.validate({"displayTimeUnit": "ns", "otherData": {},
                            "traceEvents": [{"ph": "X", "pid": 1, "tid": 1,
                                             "name": "no time"}]})


def test_chrome_spans_and_arrows(tool, scene):
    events = json.loads(tool.good("chrome", log=scene))["traceEvents"]
    tracks = {(event["pid"], event["tid"]): event["args"]["name"]
              for event in events if event["ph"] == "M"}
    assert tracks == {(1, 0): "CPUs", (2, 0): "guest", (3, 0): "other",
                      (1, 1): "CPU 0", (1, 2): "CPU 1", (1, 3): "CPU 2",
                      (2, 1): "guest:0", (2, 2): "guest:1",
                      (3, 65): "other:64"}
    spans = {(tracks[event["pid"], event["tid"]], event["name"]):
             (event["ts"], event["dur"]) for event in events
             if event["ph"] == "X"}
    assert spans["CPU 0", "HvCallFlushVirtualAddressList"] == (25.6, 34)
    assert spans["guest:0", "HvCallFlushVirtualAddressList"] == (25.6, 34)
    assert spans["CPU 1", "EXCEPTION_NMI"] == (30.4, 51.2)
    assert spans["guest:0", "suspended"] == (411.2, 203.2)
    begin, end = (next(event for event in events if event["ph"] == phase)
                  for phase in "sf")
    assert begin["id"] == end["id"] and end["bp"] == "e"
    assert (begin["tid"], begin["ts"]) == (1, 28.8)
    assert (end["tid"], end["ts"]) == (2, 30.4)


@pytest.mark.parametrize("run, event, arrows", (
    (GUEST_MODE | 1, None, 1),  # in guest mode
    (1, None, 0),  # in root mode: no exit comes of it
    (GUEST_MODE | 1, DRAINED, 0),  # its entry was given up
), ids=("guest", "root", "given-up"))
def test_kick_without_exit_has_no_arrow(tool, run, event, arrows):
    records = [exit_of(0x1100, 0, 0, 18, 3), (0, 0x1120, KICK, 0, 0, 1, run, 2)]
    if event:
        records.append((1, 0x1140, event, 0, 1, 0, 0, 0))
    records.append(exit_of(0x1200, 1, 1, 12))
    out = json.loads(tool.good("chrome", log=tool.encode(records)))
    assert [event["ph"] for event in out["traceEvents"]].count("f") == arrows
