# SPDX-License-Identifier: MIT
"""`make run GUEST=linux` as a person uses it: a shell in Debian's kernel, and
Lethe's console a key away."""

import datetime
import re
import time

import pexpect

from lethe.machine import image
from lethe.project import ROOT

PROMPT = "linux# "
BOOT_SECONDS = 900
ANSWER_SECONDS = 120
KEY_SECONDS = 0.05  # between two keys


def enter(child, text, prompt=PROMPT):
    """Types a line; returns what is printed up to the next prompt."""
    for key in text:
        child.send(key)
        time.sleep(KEY_SECONDS)
    child.send("\r")
    # lines of the log may come below the prompt, which is then shown again
    child.expect(re.escape(text) + r"[ \x08]*\r*\n", timeout=ANSWER_SECONDS)
    child.expect_exact(prompt, timeout=ANSWER_SECONDS)
    return child.before.replace("\r", "")


def change(child, name):
    child.send("\x14")
    child.expect_exact(f"[{name}; Ctrl-T changes]\r\n", timeout=ANSWER_SECONDS)


def start(request, *words):
    build = image.Build(request.config.getoption("--build"))
    build.require(build.hypervisor)
    return pexpect.spawn("make", [f"O={build.folder}", "run", "GUEST=linux",
                                  *words],
                         cwd=ROOT, timeout=BOOT_SECONDS, encoding="latin-1",
                         dimensions=(24, 80))


def test_shell(request, check):
    child = start(request)
    try:
        child.expect_exact(PROMPT)
        log = child.before
        check("the log says how Linux flushes",
              "Using hypercall for remote TLB flush" in log, log[-2000:])
        got = enter(child, "nproc")
        check("Linux has all VPs", got.startswith("2\n"), got)
        year = datetime.datetime.now(datetime.timezone.utc).year
        got = enter(child, "date -u +%Y")
        check("it has the date", got.startswith(f"{year}\n"), got)
        change(child, "Lethe's console")
        got = enter(child, "ps", "lethe> ")
        check("the console is a key away",
              got.startswith("guest: running vps=2 "), got)
        change(child, "the guest")
        got = enter(child, "echo a$((40+2))b")
        check("and back", got.startswith("a42b\n"), got)
        child.send("\x04")  # Ctrl-D
        child.expect(pexpect.EOF, timeout=ANSWER_SECONDS)
        child.wait()
        check("the end of the shell ends the machine",
              "stopped code=0 reason=sleep" in child.before and
              child.exitstatus == 0, child.before[-500:])
    finally:
        child.close(force=True)


def test_sanitizer(request, check):
    child = start(request, "SANITIZE=1")
    try:
        child.expect_exact(PROMPT)
        change(child, "Lethe's console")
        got = enter(child, "sanitize guest:0", "lethe> ")
        check("Linux runs under the sanitizer",
              re.search(r"compared=[1-9]\d{3,} ", got), got)
        change(child, "the guest")
        child.send("\x04")  # Ctrl-D
        child.expect(pexpect.EOF, timeout=ANSWER_SECONDS)
        child.wait()
        said = child.before
        check("it finds nothing in a boot",
              re.search(r"sanitize compared=.* findings=0", said), said[-500:])
    finally:
        child.close(force=True)
