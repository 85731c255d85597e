# SPDX-License-Identifier: MIT
"""Tests that nothing outlives its terminal or its runner. The emulators are
real, and start firmware."""

import os
import signal
import subprocess

from lab import ROOT, gone, is_alive, named, python, started


def left(pids):
    return [(pid, open(f"/proc/{pid}/comm", encoding="ascii").read().strip())
            for pid in pids if is_alive(pid)]


def test_terminals(lab, check):
    for name, child in (("run.py", lab.interactive(loader="uefi")),
                        ("make run", lab.make_run())):
        pids = started(child.pid)
        os.close(child.child_fd)
        ok = gone(pids)
        check(f"a closed terminal takes {name} and the emulator with it",
              ok and len(pids) > 1, left(pids))
        child.closed = True
    of_make_alone(lab, check)
    check("their folders are gone", not lab.left(), lab.left())


def of_make_alone(lab, check):
    """Kills make, a child of the terminal's shell, which goes on."""
    child = lab.terminal("/bin/sh", "-c", f"make O={lab.o} run; sleep 60")
    pids = started(child.pid)
    makes = [pid for pid in pids if named([pid], "make")]
    for pid in makes:
        os.kill(pid, signal.SIGKILL)
    ok = gone(pids - {child.pid, *makes})
    check("kill -9 of make takes run.py and the emulator with it",
          ok and len(makes) == 1 and is_alive(child.pid), (makes, left(pids)))
    child.close(force=True)


def start(lab, *words):
    return subprocess.Popen([*python(words[0]), "--build", lab.build,
                             *words[1:]], cwd=ROOT,
                            stdin=subprocess.DEVNULL,
                            stdout=subprocess.DEVNULL,
                            stderr=subprocess.DEVNULL)


def test_signals(lab, check):
    with start(lab, "run") as process:
        pids = started(process.pid)
        process.kill()
        ok = gone(pids - {process.pid})
        check("kill -9 of run.py takes the emulator with it",
              ok and len(pids) > 1, left(pids))
    before = lab.left()
    got = lab.run()
    check("the next run removes its folder", got[0] == 0 and
          len(before) == 1 and not lab.left(), (before, lab.left(), got))
    for number in (signal.SIGINT, signal.SIGTERM):
        with start(lab, "suite", "--exact", "uefi-boot-1") as process:
            pids = started(process.pid)
            process.send_signal(number)
            ok = gone(pids - {process.pid})
            seen = left(pids)
            status = process.wait()
        check(f"{number.name} ends a suite at once, status 130",
              ok and status == 130 and len(pids) > 1, (status, seen))
