# SPDX-License-Identifier: MIT
"""Tests the pictures."""

import random
import xml.etree.ElementTree

from dumps import COMPLETE, FAILED, NOT_YET, draw_records, exit_of

SVG = "{http://www.w3.org/2000/svg}"


def test_picture_of_a_call(tool, scene):
    root = xml.etree.ElementTree.fromstring(tool.good("svg-call", log=scene))
    texts = [text.text for text in root.iter(f"{SVG}text")]
    assert "call 1: HvCallFlushVirtualAddressList by guest:0" in texts
    assert texts.count("CPU 0") == texts.count("CPU 1") == 1
    assert "CPU 2" not in texts
    assert "3: +48 CPU 1 guest:1 exit slot=0 reason=EXCEPTION_NMI ticks=512" \
        in texts
    arrows = [line for line in root.iter(f"{SVG}line")
              if line.get("marker-end")]
    assert len(arrows) == 2  # one in the key


def test_histogram(tool):
    ticks = (100, 101, 127, 128, 300)
    log = tool.encode([exit_of(0x1100 + 500 * n, 0, 0, 18, 3, 0, count)
                       for n, count in enumerate(ticks)]
                      + [exit_of(0x9000, 0, 0, 18, 3),
                         exit_of(0x9100, 0, 0, 12, 0, NOT_YET, 7)])
    root = xml.etree.ElementTree.fromstring(
        tool.good("svg-histogram", log=log))
    titles = [title.text for title in root.iter(f"{SVG}title")]
    assert titles[0] == \
        "5 hypercalls: least 100, median 127, most 300 ticks"
    assert [title for title in titles[1:] if " 0 calls" not in title] == [
        "from 96 ticks: 2 calls", "from 112 ticks: 1 calls",
        "from 128 ticks: 1 calls", "from 256 ticks: 1 calls"]


def test_pictures_are_xml(tool):
    for seed in range(10):
        log = tool.encode(draw_records(random.Random(seed), 300))
        for form in ("svg-call", "svg-histogram"):
            status, out, _ = tool.run(form, log=log)
            if status == COMPLETE:
                xml.etree.ElementTree.fromstring(out)
            else:
                assert form == "svg-call" and status == FAILED
