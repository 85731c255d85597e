# SPDX-License-Identifier: MIT
"""Tests that a run that dies says why."""

import os
import re
import time

from lethe.machine import image, run_folder
from lethe.measure import bench
from lethe.proof import mutants
from lab import BANNER, EXIT, ROOT

DIE = BANNER + "echo 'the disk is on fire' >&2\nexit 3\n"
KEPT = re.compile(r"kept: (\S+)")
# Variables that the emulator is given; OWN: what stdbuf and a shell add
GIVEN = {"PATH", "HOME", "TERM", "LC_ALL"}
OWN = {"LD_PRELOAD", "PWD", "OLDPWD", "SHLVL", "_"}


def says(text, *words):
    return all(word in text for word in words)


def test_run(lab, check):
    with lab.fake(DIE) as env:
        got = lab.run(env=env)
    kept = KEPT.search(got[2])
    check("status and stderr of the emulator", got[0] == 225 and says(
        got[2], "run: no exit line: the emulator ended with status 3",
        "the disk is on fire"), got)
    folder = ROOT / kept[1] if kept else None
    check("its folder is kept", folder and
          folder.parent == lab.build / "kept" and
          (folder / "stderr.txt").exists() and not lab.left(), got)
    with lab.fake("kill -SEGV $$\n") as env:
        got = lab.run(env=env)
    check("a signal by its name", says(got[2], "ended by SIGSEGV"), got)
    with lab.fake("echo 'on stdout'\necho 'in the log' >bochs.log\n"
                  "exit 1\n") as env:
        got = lab.run(env=env)
    check("stdout where stderr is empty, and the log", says(
        got[2], "stdout.txt ends:", "on stdout", "bochs.log ends:",
        "in the log"), got)
    with lab.fake("exec sleep 100\n") as env:
        got = lab.run("--limit", "1", env=env)
    check("a run without end", got[0] == 225 and says(
        got[2], "no end within the limit of 1 s", "was still running"), got)
    with lab.fake("kill -SEGV $$\n") as env:
        child = lab.interactive(env=env)
        text = child.read()
        child.close()
    check("interactive too", child.exitstatus == 225 and says(
        text, "ended by SIGSEGV", "kept: "), text)


def test_others(lab, check):
    """Checks the other tools that start emulators."""
    with lab.fake(DIE) as env:
        got = lab.tool("suite", "--build", lab.build, "--exact", "boot-2",
                       env=env)
        check("boot tests", got[0] == 1 and says(
            got[1], "ended with status 3", "the disk is on fire",
            "kept: "), got)
        got = lab.tool("profile", "--build", lab.build, "both", env=env)
        check("profile", got[0] == 2 and says(
            got[2], "row both: no call was traced", "ended with status 3",
            "the disk is on fire", "kept: "), got)
        build = image.Build(lab.build)
        before = os.environ["PATH"]
        os.environ["PATH"] = env["PATH"]
        try:
            rows, errors = bench.measure_run(build, *bench.RUNS[0])
            tree = mutants.Tree.__new__(mutants.Tree)
            tree.folder = lab.folder  # so that its build is the lab's
            mutant = mutants.Mutant("m", "f", "a", "b", ["c"])
            why = mutants.verdict(mutant, tree.boot(mutant))
        finally:
            os.environ["PATH"] = before
    check("bench", not rows and says("\n".join(errors), "status 3",
                                     "on fire", "kept: "), errors)
    check("mutants", says(why, "the suite did not start", "status 3",
                          "on fire", "kept: "), why)


def test_environment(lab, check):
    with lab.fake(BANNER + "say \"$(env)\\n\"\n" + EXIT) as env:
        got = lab.run(env=env)
    names = set(re.findall(r"^(\w+)=", got[1], re.MULTILINE))
    names = {name for name in names if not name.startswith("_STDBUF")}
    check("nothing of the caller's reaches the emulator",
          GIVEN <= names <= GIVEN | OWN, sorted(names))
    lab.bin.joinpath("setpriv").symlink_to("/usr/bin/setpriv")
    lab.bin.joinpath("stdbuf").symlink_to("/usr/bin/stdbuf")
    got = lab.run(env=dict(os.environ, PATH=str(lab.bin)))
    check("no emulator", got[0] == 2 and says(
        got[2], "run: expected the command bochs"), got)


def test_folders(lab, check):
    build = image.Build(lab.build)
    for number in range(run_folder.KEPT_MAX + 3):
        with build.run_folder(f"kept-{number:02}") as place:
            place.keep()
        time.sleep(0.01)
    found = sorted(path.name[:7] for path in (lab.build / "kept").iterdir())
    check("the last few are kept", found == [
        f"kept-{number:02}" for number in range(3, run_folder.KEPT_MAX + 3)],
        found)
    with build.run_folder("one") as one:
        with build.run_folder("two") as two:
            both = one.path.is_dir() and two.path.is_dir()
    check("a folder in use is not swept", both and not lab.left(), lab.left())
    got = lab.run("--keep")
    kept = KEPT.search(got[2])
    check("--keep", got[0] == 0 and kept, got)
    if not kept:
        return
    folder = ROOT / kept[1]
    said = (folder / "stderr.txt").read_text(errors="replace")
    lines = (folder / "bochsrc").read_text().split("\n")
    check("Bochs opens no sound card", "ALSA" not in said and
          "sound: driver=dummy" in lines, (said, lines))
