# SPDX-License-Identifier: MIT
"""Tests that a run ends when Lethe has ended, and says how it went."""

import os
import re
import signal
import subprocess
import sys
import time

from lethe.machine import ending
from lab import BANNER, EXIT, end, python

SLEEP = "exec sleep 100\n"
REFUSAL = BANNER + r"""say 'lethe: config ok partitions=1\r\n'
say 'lethe: cpu 0: missing: VPID\r\n'
say 'lethe: nothing started\r\n'
say 'BdsDxe: failed to start\r\n\033[2J\033[01;01HShell> '
""" + SLEEP
TAP = r"""say 'guest| ok 1 - a/one\nguest| %s 2 - a/two\n'
say 'guest| %s 3 - a/three\n'
say 'guest| 1..3\n'
"""
COUNTER = re.compile(r"\r  1 s")


def test_power(lab, check):
    config = lab.folder / "nopower.conf"
    config.write_text("[partition guest]\nimage = guest.elf\nmemory = 64M\n")
    with lab.fake("say 'exit code=3 reason=x\\n'\n" + SLEEP) as env:
        begin = time.monotonic()
        got = lab.run("--config", config, env=env)
        seconds = time.monotonic() - begin
        check("no power-off: ended, said why", got[0] == 3 and
              "run: no power-off within 5 s (lethe.conf has no poweroff key "
              "for this machine); ended\n" in got[2] and seconds < 10,
              (seconds, got))
        status, text = end(lab.interactive(env=env))
        check("no power-off, interactive, with a key", status == 3 and
              "(the poweroff key of lethe.conf does nothing here); ended"
              in text,
              (status, text))


def test_refusal(lab, check):
    with lab.fake(REFUSAL) as env:
        begin = time.monotonic()
        got = lab.run(env=env)
        seconds = time.monotonic() - begin
        check("a refusal ends the run with 226", got[0] == 226 and
              seconds < 5, (seconds, got))
        check("Lethe's lines are repeated on stderr", got[2] == (
            "run: Lethe refused:\nrun: lethe: config ok partitions=1\n"
            "run: lethe: cpu 0: missing: VPID\nrun: lethe: nothing started\n"
        ), got[2])
        status, text = end(lab.interactive(env=env))
        wiped = text.rpartition("\x1b[2J")[2]
        check("interactive, behind what wipes the screen", status == 226 and
              "run: lethe: cpu 0: missing: VPID\r\n" in wiped, (status, text))
    config = lab.folder / "wrong.conf"
    config.write_text("[partition guest]\nimage = guest.elf\nvps = x\n")
    got = lab.run("--config", config)
    check("a real one, stderr whole", got[0] == 226 and re.fullmatch(
        r"run: Lethe refused:\nrun: lethe: lethe\.conf:3: vps: "
        r"expected [^\n]*, found `x`\nrun: lethe: nothing started\n",
        got[2]), got)


def test_key(lab, check):
    with lab.fake(BANNER + SLEEP) as env:
        child = lab.make_run(env=env)
        child.expect("loader uefi")
        child.send("\x1d")
        status, text = end(child)
    check("Ctrl-] in make run: a line, status 0, no Error", status == 0 and
          "run: ended by Ctrl-]" in text and "Error" not in text,
          (status, text))


def test_batch(lab, check):
    with lab.fake("say 'first\\n'\nsleep 3\n" + EXIT) as env:
        with subprocess.Popen(
                [*python("run"), "--build", lab.build, "--loader", "rom"],
                env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=subprocess.PIPE) as process:
            begin = time.monotonic()
            line = process.stdout.readline()
            seconds = time.monotonic() - begin
            rest = process.stdout.read()
    check("the console is printed as it comes", line == b"first\n" and
          seconds < 2.5 and rest == b"exit code=0 reason=debug-exit\n",
          (seconds, line, rest))


def test_newcomer(lab, check):
    good = TAP % ("ok", "ok")
    wipe = "say '\\033[2J\\033[01;01H'\nsleep 2\n"
    with lab.fake(wipe + BANNER + good + EXIT) as env:
        status, text = end(lab.make_run(env=env))
        check("make run says that OVMF starts",
              re.search(r"run: OVMF starts; about \d+ s without output", text),
              text)
        before, _, behind = text.partition(
            "lethe 0.0.0 commit 0123456789: loader")
        check("a counter, erased when the console begins",
              COUNTER.search(before) and before.endswith(" \r") and
              not COUNTER.search(behind), text)
        check("the firmware does not wipe the screen", "\x1b[2J" not in before,
              text)
        lines = [line for line in behind.split("\r\n") if "run: " in line]
        check("one line on how it went, then what next", status == 0 and
              len(lines) == 4 and "SUITE=" in lines[1] and "CONF=" in lines[2]
              and lines[0] == "run: 3 checks passed; Lethe has powered off",
              (status, lines))
        check("no staircase", "\n" not in behind.replace("\r\n", ""), behind)
        got = lab.run("--interactive", env=env, loader="uefi")
        check("no counter where there is no terminal", got[0] == 0 and
              "\r " not in got[1], got)
    with lab.fake(TAP % ("not ok", "not ok") +
                  "say 'exit code=1 reason=debug-exit\\n'\n") as env:
        got = lab.run(env=env)
    check("failed checks are named", got[0] == 1 and got[2] ==
          "run: 2 of 3 checks failed: a/two, a/three; Lethe has powered off\n",
          got)
    with lab.fake("say 'guest| ok 1 - a/one\\nguest| 1..1\\n'\n" + EXIT) as env:
        got = lab.run(env=env)
    check("one check", got[2] ==
          "run: 1 check passed; Lethe has powered off\n", got)


def test_command_lines(lab, check):
    for words, line in ((b"caf\xe9 x", "caf. x"), (b"", "")):
        count = f"grep -ac '^cmdline = {line}$' rom.img"
        with lab.fake(f"say \"lines: $({count})\\n\"\n" + EXIT) as env:
            got = lab.run("--cmdline", words, env=env)
        check(f"--cmdline {words}: the same bytes", got[1].startswith(
            "lines: 1\n"), got)
    ends = ending.Ends(5, flood=None)
    check("a console that is looked at may print without end",
          ends.judge(True, 1 << 40, 0, 1) is None, "")


def test_suites(lab, check):
    with lab.fake("say \"$(grep -ao 'suite=[a-z]* cpus=[0-9]' disk.img)\\n\"\n"
                  + EXIT) as env:
        child = lab.make_run("SUITE=flush", "CPUS=3", env=env)
        status, text = end(child)
    with lab.fake("say \"$(grep -ao 'suite=[a-z,]* cpus=[0-9]' rom.img)\\n\"\n"
                  + EXIT) as env:
        got = lab.run("--interactive", env=env)
    check("without a terminal nothing runs for ever",
          "suite=boot,tour cpus=" in got[1], got)
    check("make run SUITE=flush CPUS=3", status == 0 and
          "suite=flush cpus=3" in text, (status, text))
    got = lab.run()
    check("a real run", got[0] == 0 and re.fullmatch(
        r"run: \d+ checks passed; Lethe has powered off\n", got[2]), got)
    got = lab.run("--suite", "nosuch", "--interactive")
    check("SUITE=nosuch: what the guest says is the last line", got[0] == 2
          and re.search(r"^run: guest: Bail out! .*\n\Z", got[2], re.MULTILINE),
          got)
    got = lab.make("help")
    check("make help has O= CC= V= APT= SUITE= CONF=", got[0] == 0 and all(
        word in got[1] for word in ("O=", "CC=", "V=", "APT=", "SUITE=",
                                    "CONF=")), got)


def program(text):
    """(status, stderr) of a Python program that can import the tools."""
    done = subprocess.run([sys.executable, "-c", text], timeout=20,
                          stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, check=False)
    return done.returncode, done.stderr


def test_interrupts(lab, check):
    load = "from lethe import cli; import os, signal"
    kill = "os.kill(os.getpid(), signal.SIGINT)"
    got = program(f"{load}; {kill}")
    check("Ctrl-C while the modules load: no traceback",
          got == (-signal.SIGINT, ""), got)
    got = program(f"{load}; cli.main('x', lambda: {kill})")
    check("Ctrl-C later: a line, status 130",
          got == (130, "x: interrupted\n"), got)


def test_threads(lab, check):
    begin = time.monotonic()
    got = program("""import time
from lethe import cli
def run():
    with cli.Pool(2) as pool:
        pool.submit(time.sleep, 15)
        raise cli.Wrong("no")
cli.main("x", run)
""")
    seconds = time.monotonic() - begin
    check("an error does not wait for threads", got == (2, "x: no\n") and
          seconds < 10, (seconds, got))
    got = program("""import subprocess
from lethe.boot_tests import runner
def build_with(*_):
    raise subprocess.CalledProcessError(2, ["make"])
runner.build_with = build_with
class Test:
    name, make, cases, stop, invvpid = "t", "A=1", (), None, False
rows, outcome = runner.run(None, Test)
assert rows == [("FAIL", "t", "make ended with status 2")], rows
""")
    check("a build that fails is a test that fails", got == (0, ""), got)


def test_slow_terminal(lab, check):
    read, write = os.pipe()
    os.set_blocking(write, False)
    with subprocess.Popen([sys.executable, "-c", "from lethe.machine import "
                           "terminal; terminal.write_all(bytes(1 << 20))"],
                          stdin=subprocess.DEVNULL, stdout=write,
                          stderr=subprocess.PIPE) as process:
        os.close(write)
        time.sleep(1)
        size = 0
        while data := os.read(read, 65536):
            size += len(data)
        said = process.stderr.read()
    os.close(read)
    check("a terminal that does not block gets all", (size, said) ==
          (1 << 20, b""), (size, said))
