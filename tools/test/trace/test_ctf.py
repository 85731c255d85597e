# SPDX-License-Identifier: MIT
"""Tests the Common Trace Format by Debian's babeltrace2."""

import random
import subprocess

from dumps import LIMIT, RAW, SCENE, START, draw_records


def babeltrace(folder):
    done = subprocess.run(["babeltrace2", "--clock-cycles", folder],
                          capture_output=True, text=True, check=False,
                          timeout=LIMIT)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


def test_ctf_as_babeltrace_reads_it(tool, scene, tmp_path):
    folder = tmp_path / "ctf"
    tool.good("ctf", "--output", str(folder), log=scene)
    lines = babeltrace(folder)
    assert len(lines) == len(SCENE)
    assert [int(line[1:21]) for line in lines] == \
        sorted(record[1] - START for record in SCENE)
    assert 'exit: { cpu_id = 0 }, { vp = "guest:0" }' in lines[0]
    assert 'reason = ( "VMCALL" : container = 18 )' in lines[0]
    assert 'status = ( "SUCCESS" : container = 0 ), ticks = 340' in lines[0]
    assert "drained: { cpu_id = 1 }" in lines[3]


def test_ctf_of_random_records(tool, tmp_path):
    draw = random.Random(5)
    records = draw_records(draw, 700) + draw_records(draw, 50, RAW)
    log = tool.encode(records)
    tool.good("ctf", "--output", str(tmp_path / "all"), log=log)
    assert len(babeltrace(tmp_path / "all")) == len(records)
    tool.good("ctf", "--output", str(tmp_path / "one"), "--cpu", "1", log=log)
    assert len(babeltrace(tmp_path / "one")) == \
        sum(record[0] == 1 for record in records)
