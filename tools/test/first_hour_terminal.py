# SPDX-License-Identifier: MIT
"""Nothing outlives its terminal or its runner: (name, ok, what was seen) of
each check. The emulators are real, started by firmware."""

import os
import signal
import subprocess

from first_hour_lab import ROOT, gone, is_alive, named, python, started


def left(pids):
    return [(pid, open(f"/proc/{pid}/comm", encoding="ascii").read().strip())
            for pid in pids if is_alive(pid)]


def of_terminals(lab):
    for name, child in (("run.py", lab.interactive(loader="uefi")),
                        ("make run", lab.make_run())):
        pids = started(child.pid)
        os.close(child.child_fd)
        ok = gone(pids)
        yield f"a closed terminal takes {name} and the emulator with it", \
            ok and len(pids) > 1, left(pids)
        child.closed = True
    yield from of_make_alone(lab)
    yield "their folders are gone", not lab.left(), lab.left()


def of_make_alone(lab):
    """make as a child of the terminal's shell, which lives on."""
    child = lab.terminal("/bin/sh", "-c", f"make O={lab.o} run; sleep 60")
    pids = started(child.pid)
    makes = [pid for pid in pids if named([pid], "make")]
    for pid in makes:
        os.kill(pid, signal.SIGKILL)
    ok = gone(pids - {child.pid, *makes})
    yield "kill -9 of make takes run.py and the emulator with it", \
        ok and len(makes) == 1 and is_alive(child.pid), (makes, left(pids))
    child.close(force=True)


def start(lab, *words):
    return subprocess.Popen([*python(words[0]), "--build", lab.build,
                             *words[1:]], cwd=ROOT,
                            stdin=subprocess.DEVNULL,
                            stdout=subprocess.DEVNULL,
                            stderr=subprocess.DEVNULL)


def of_signals(lab):
    with start(lab, "run") as process:
        pids = started(process.pid)
        process.kill()
        ok = gone(pids - {process.pid})
        yield "kill -9 of run.py takes the emulator with it", \
            ok and len(pids) > 1, left(pids)
    before = lab.left()
    got = lab.run()
    yield "the next run removes its folder", got[0] == 0 and \
        len(before) == 1 and not lab.left(), (before, lab.left(), got)
    for number in (signal.SIGINT, signal.SIGTERM):
        with start(lab, "suite", "--exact", "uefi-boot-1") as process:
            pids = started(process.pid)
            process.send_signal(number)
            ok = gone(pids - {process.pid})
            seen = left(pids)
            status = process.wait()
        yield f"{number.name} ends a suite at once, status 130", \
            ok and status == 130 and len(pids) > 1, (status, seen)


GROUPS = (of_terminals, of_signals)
