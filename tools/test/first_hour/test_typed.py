# SPDX-License-Identifier: MIT
"""Tests that whatever is typed ends in one sentence."""

import fcntl
import os
import re
import subprocess
import sys

import pytest

from lab import EXIT, ROOT, end, python
from lethe import cli
from lethe.machine import more_files

CONFIG = ("[hypervisor]\npoweroff = 0x8900:0x44\n[partition guest]\n"
          "image = {}\nvps = 2\nmemory = 64M\ntest-calls = yes\n"
          "cmdline = suite=boot cpus=2\n")
NOBODY = 65534

# Words for lethe.machine.run, a part of its message
RUN = (
    ("--config /nosuch", "/nosuch: expected a file, found none"),
    ("--config /tmp", "/tmp: expected a file, found a folder"),
    ("--config /dev/zero", "expected a file, found a device"),
    ("--file foo", "expected PATH=FILE, found `foo`"),
    ("--file x=/nosuch", "/nosuch: expected a file, found none"),
    ("--file x=/tmp", "/tmp: expected a file, found a folder"),
    ("--file ../x=/etc/passwd", "expected a path in the folder"),
    ("--file \\efi\\x=/etc/passwd", "expected a path in the folder"),
    ("--file lethe.conf=/etc/passwd", "expected --config FILE"),
    ("--file A.elf=/etc/passwd --file a.elf=/etc/passwd",
     "`a.elf` and `A.elf`: expected names that differ in more than"),
    ("--file Guest.elf=/etc/passwd", "`Guest.elf` and `guest.elf`: expected"),
    ("--file d/a=/etc/passwd --file D/b=/etc/passwd", "`D` and `d`: expected"),
    ("--file guest.elf/x=/etc/passwd", "`guest.elf`: expected a file or a"),
    ("--file a/b=/etc/passwd --file a=/etc/passwd", "`a`: expected a file or"),
    ("--memory 0", "--memory: expected a number from 128 to 2048, found `0`"),
    ("--memory -5", "--memory: expected"),
    ("--memory 99999999999999999999", "--memory: expected a number"),
    ("--cpus 99", "--cpus: expected a number from 1 to 8, found `99`"),
    ("--cpus x", "--cpus: expected a number from 1 to 8, found `x`"),
    ("--limit 0", "--limit: expected a number"),
    ("--limit nan", "--limit: expected a number"),
    ("--runner foo", "--runner: invalid choice: 'foo'"),
    ("--build /nosuch", "run make, or name the build's folder with --build"),
    ("--build /tmp", "run make, or name the build's folder with --build"),
    ("--suite a --config b", "--config: not allowed with"),
    ("--nosuch", "unrecognized arguments: --nosuch"),
)

# Tool, its words, an expression for its message
OTHERS = (
    ("mkdisk", "{out} /nosuch /tmp", "/nosuch: expected a UEFI application"),
    ("mkdisk", "{out} {efi} /nosuch", "/nosuch: expected a folder"),
    ("mkdisk", "{out} {efi} {empty} --size 1", "--size: expected a number"),
    ("mkdisk", "{out} {efi} {empty} --size x", "--size: expected a number"),
    ("mkdisk", "{out} {efi} {empty} --startup /nosuch", "/nosuch: expected"),
    ("mkdisk", "/nosuch/x {efi} {empty}", "/nosuch/x.part: expected a file"),
    ("mkdisk", "{out} {efi} {twice}", "`lethe/a` and `lethe/A`: expected"),
    ("mkdisk", "{out} {efi} {empty} --efi-path startup.nsh --startup {efi}",
     "`startup.nsh`: expected one file of that name, found two"),
    ("mkrom", "{out} /nosuch a=/etc/passwd", "/etc/passwd|/nosuch: expected"),
    ("mkrom", "{out} {rom} a", "expected PATH=FILE, found `a`"),
    ("mkrom", "{out} {efi} a=/etc/passwd", "loader: expected .*, found"),
    ("mkrom", "{out} {rom} a={efi} --cpus 0", "--cpus: expected a number"),
    ("suite", "flsh-2", "found `flsh-2`; near: flush-2.* --list lists"),
    ("suite", "-j0 boot-1", "-j/--jobs: expected a number from 1"),
    ("suite", "--build /nosuch boot-1", "run make, or name the build's"),
    ("mutants", "no-kik", "found `no-kik`; near: no-kick.* --list lists"),
    ("nested", "nestd", "found `nestd`; near: nested.* --list lists"),
    ("nested_full", "nosuch", "found `nosuch`.* --list lists"),
    ("fuzz", "wlak", "found `wlak`; near: walk.* --list lists"),
    ("fuzz", "--seconds 0 walk", "--seconds: expected a number"),
    ("profile", "nosuch", "expected the name of a row of the bench"),
    ("bench", "--build /nosuch", "run make, or name the build's folder"),
    ("profile", "--build /nosuch both", "run make, or name"),
    ("coverage", "--nosuch", "unrecognized arguments"),
    ("check", "--nosuch", "unrecognized arguments"),
)

MAKE = (
    ("run CONF=/nosuch", "run: .*/nosuch: expected a file, found none"),
    ("run CONF=a'b", "run: a'b: expected a file, found none"),
    ("run RUNNER=foo", "run: --runner: invalid choice: 'foo'"),
    ("run CPUS=x", "run: --cpus: expected a number from 1 to 8, found `x`"),
    ("boot-test ONLY=flsh", "suite: .*found `flsh`; near: flush"),
    ("mutants ONLY=no-kik", "mutants: .*found `no-kik`; near: no-kick"),
    ("nested-full ONLY=nosuch", "nested_full: .*found `nosuch`"),
    ("fuzz ONLY=wlak", "fuzz: .*found `wlak`; near: walk"),
    ("boot-test ONLY=a'b", "suite: .*found `a'b`"),
    ("boot-test SEED=a;b", "suite: --seed: invalid int value: 'a;b'"),
    ("fuzz ONLY=walk FUZZ_SECONDS=a;b", "fuzz: --seconds: expected a number"),
    ("profile ROW=a'b", "profile: .*found `a'b`"),
    ("profile ROW=nosuch", "profile: .*found `nosuch`"),
)


def one_line(tool, got, why, status=2):
    """Whether stderr has one sentence of the tool, and the status is right."""
    return got[0] == status and re.search(why, got[2]) and \
        re.fullmatch(rf"{tool}: [^\n]*\n", got[2])


def split(lab, words):
    """The words, with /nosuch and /tmp in the lab, where they do not exist."""
    words = words.replace("/nosuch", f"{lab.folder}/nosuch")
    return words.replace("--build /tmp", f"--build {lab.folder}").split(" ")


@pytest.mark.parametrize("words, why", RUN, ids=[row[0] for row in RUN])
def test_run(lab, words, why):
    got = lab.run(*split(lab, words))
    assert one_line("run", got, re.escape(why)), got


def test_run_config_unreadable(lab):
    secret = lab.folder / "secret"
    secret.write_text("x")
    secret.chmod(0)
    lab.folder.chmod(0o755)
    nobody = {"user": NOBODY} if os.getuid() == 0 else {}
    done = subprocess.run(["/usr/bin/python3", *python("run")[1:], "--config",
                           secret], cwd="/", stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, check=False, **nobody)
    got = done.returncode, done.stdout, done.stderr
    if nobody and "secret" not in got[2]:
        pytest.skip("a user cannot read the tools")
    assert one_line("run", got, "secret: no permission"), got


@pytest.fixture
def names(lab):
    """What the {names} in OTHERS stand for."""
    names = {"out": lab.folder / "out", "empty": lab.folder / "empty",
             "efi": lab.build / "boot/BOOTX64.EFI",
             "rom": lab.build / "rom/rom.bin"}
    names["empty"].mkdir()
    names["twice"] = lab.folder / "twice"
    names["twice"].mkdir()
    for name in "Aa":
        (names["twice"] / name).write_text("")
    return names


@pytest.mark.parametrize("tool, words, why", OTHERS,
                         ids=[f"{row[0]} {row[1]}" for row in OTHERS])
def test_tool(lab, names, tool, words, why):
    got = lab.tool(tool, *(x.format(**names) for x in split(lab, words)))
    assert one_line(tool, got, why), got


@pytest.mark.parametrize("words, why", MAKE, ids=[row[0] for row in MAKE])
def test_make(lab, words, why):
    status, out, err = lab.make(*split(lab, words))
    lines = [line for line in err.split("\n")
             if line and not line.startswith("make: ***")]
    assert status == 2 and len(lines) == 1 and re.match(why, lines[0]), \
        (status, out, err)


def test_make_O_with_a_blank():
    done = subprocess.run(["make", "O=a b", "run"], cwd=ROOT, text=True,
                          env=cli.without_make(os.environ), check=False,
                          stdin=subprocess.DEVNULL, capture_output=True)
    assert done.returncode == 2
    assert "without blanks" in done.stderr and done.stderr.count("\n") == 1


def test_config(lab, check):
    text = b"# caf\xe9 \xff\xfe\r\n" + CONFIG.format("guest.elf").replace(
        "\n", "\r\n").encode()
    path = lab.folder / "latin 1.conf"
    path.write_bytes(text)
    got = lab.run("--config", path, "--keep")
    kept = re.search(r"kept: (\S+)", got[2])
    image_ = ROOT / kept[1] / "rom.img" if kept else None
    check("bytes of a comment reach Lethe unchanged", got[0] == 0 and
          image_ and text in image_.read_bytes(), got)
    for spelling in ("x.elf", "\\lethe\\x.elf", "/lethe/x.elf",
                     "\\LETHE\\x.elf"):
        files = more_files.pairs([f"{spelling}={path}"])
        check(f"--file {spelling}", files == {"x.elf": text}, files)
    path.write_text(CONFIG.format("\\lethe\\x.elf"))
    guest = lab.build / "guest/guest.elf"
    got = lab.run("--config", path, "--file", f"/lethe/x.elf={guest}")
    check("a file by lethe.conf's spelling", got[0] == 0, got)


def test_blanks(lab, check):
    build = lab.links(lab.folder / "a folder, with $HOME" / "build")
    got = lab.tool("run", "--build", build, "--loader", "rom")
    check("a path with blanks, ROM", got[0] == 0, got)
    with lab.fake(EXIT) as env:
        got = lab.tool("run", "--build", build, env=env)
    check("a path with blanks, disk", got[0] == 0, got)


def test_full_disk(lab, check):
    """Mounts a small tmpfs, in a mount namespace, as the disk of the build."""
    place = lab.folder / "full"
    place.mkdir()
    if subprocess.run(["unshare", "-rm", "mount", "-t", "tmpfs", "tmpfs",
                       place], check=False, capture_output=True).returncode:
        pytest.skip("no user and mount namespaces")
    names = " ".join(str(lab.real / name)
                     for name in ("hv", "guest", "boot", "rom"))
    for loader in ("rom", "uefi"):
        script = (f"mount -t tmpfs -o size=128k tmpfs '{place}' && "
                  f"ln -s {names} '{place}' && exec '{sys.executable}' "
                  f"-m lethe.machine.run --build '{place}' --loader {loader}")
        done = subprocess.run(["unshare", "-rm", "sh", "-c", script],
                              stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, check=False, cwd=ROOT)
        got = done.returncode, done.stdout, done.stderr
        check(f"a full disk, {loader}", one_line(
            "run", got, "(?i)no space( is)? left"), got)


def test_two_makes(lab, check):
    with lab.fake(EXIT) as env:
        with open(lab.real / "lock", "ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            child = lab.make_run(env=env)
            child.expect("another make is at work in .*; waiting")
            fcntl.flock(lock, fcntl.LOCK_UN)
            status, text = end(child)
    check("a second make waits, and works", status == 0 and
          "exit code=0" in text, (status, text))
