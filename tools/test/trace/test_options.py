# SPDX-License-Identifier: MIT
"""Tests command lines, and what is said about wrong ones."""

import subprocess

import pytest

from dumps import COMPLETE, FAILED, FORMATS


LINES = (
    ("", "expected a format (summary, text, jsonl, chrome, ctf, "
         "svg-call, svg-histogram), found none; see lethe-trace --help"),
    ("json", "expected a format (summary, text, jsonl, chrome, ctf, "
             "svg-call, svg-histogram), found json"),
    ("text a b", "expected one log, found `a` and `b`"),
    ("--colour text", "unknown option `--colour`; lethe-trace --help lists "
                      "them"),
    ("text --cpu", "--cpu: expected a value, found none"),
    ("text --cpu -1", "--cpu: expected a number, found `-1`"),
    ("text --cpu 99999999999", "--cpu: expected a number, found "
                               "`99999999999`"),
    ("text --from soon", "--from: expected a time such as 1.5s, 20ms or "
                         "300us, found `soon`"),
    ("text --to 1h", "--to: expected a time such as 1.5s, 20ms or 300us, "
                     "found `1h`"),
    ("text --to nan", "--to: expected a time such as 1.5s, 20ms or 300us, "
                      "found `nan`"),
    ("text --vp 3", "--vp: expected PARTITION:INDEX, such as guest:0, found "
                    "`3`"),
    ("text --vp linux:0", "--vp: expected a partition of the dump, found "
                          "`linux:0`"),
    ("text --vp guest:4096", "--vp: expected a VP index from 0 to 4095 after "
                             "the colon, found `guest:4096`"),
    ("text --event exits", "--event: expected an event of docs/trace.md, "
                           "found `exits`"),
    ("text --dump 2", "--dump: expected 1 to 1, found 2"),
    ("svg-call --call 3", "--call: expected 1 to 2, the hypercalls of the "
                          "dump, found 3"),
    ("ctf", "ctf: expected --output FOLDER, found none"),
    ("text /nowhere/log", "/nowhere/log: expected a readable file, found: No "
                          "such file or directory"),
    ("text /", "/: expected a readable file, found: Is a directory"),
    ("text --output /nowhere/out", "/nowhere/out: expected a file that can be "
     "written, found: No such file or directory"),
    ("text --output /dev/full", "/dev/full: expected room for the output, "
                                "found: No space left on device"),
    ("ctf --output /nowhere/out", "/nowhere/out: expected a folder that can "
     "be made, found: No such file or directory"),
)


@pytest.mark.parametrize("words, why", LINES, ids=[row[0] for row in LINES])
def test_typed(tool, scene, words, why):
    assert tool.run(*words.split(), log=scene) == \
        (FAILED, "", f"lethe-trace: {why}\n")


def test_log_without_dump(tool):
    assert tool.run("text", log=b"[0] launch\n~LT1Rxx~\n") == (
        FAILED, "", "lethe-trace: -: expected a dump of the trace, found none "
        "(1 damaged frames)\n")


def test_help_and_version(tool, build):
    status, out, err = tool.run("--help")
    assert (status, err) == (COMPLETE, "")
    assert all(form in out for form in (*FORMATS, "ctf", "--mark"))
    assert tool.run("--version")[1].startswith("lethe-trace ")
    done = subprocess.run([build.lethe_trace, "--version"], check=True,
                          stdout=subprocess.PIPE)  # the program for users
    assert done.stdout.startswith(b"lethe-trace ")
