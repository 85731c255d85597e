# SPDX-License-Identifier: MIT
"""Mistakes for a kernel: what is changed and what is refused, on a program that
has its places, and how a run of such a kernel is judged."""

import dataclasses
import subprocess

import pytest

from lethe import cli
from lethe.linux import kallsyms
from lethe.linux_guest import judge, patch, patched, table

BASE = 0xffffffff81000000
SOURCE = """
  .globl flush, after, _etext
flush: push %rbx
  mov $1, %eax
  xor %ebx, %ebx
  cmp $-1, %rsi
  je 1f
  add $2, %eax
1: pop %rbx
  ret
after: mov $1, %eax
  ret
_etext: .space {behind}, {fill}
  .balign 4096, {fill}
  .data
  .balign 4096
  .globl __nosave_begin, __nosave_end
__nosave_begin: .space 4096
__nosave_end: .byte 1
"""
PATCH = patch.Patch(
    "p", "", "flush", [r"cmp \$0xffffffffffffffff,%rsi", "je 0x[0-9a-f]+"],
    "\n\tlock incq counter(%rip)\n\tjmp out\n", {"out": ["pop %rbx", "ret"]})


def kernel(tmp_path, monkeypatch, behind=512, fill=0):
    """The bytes of an ELF file, whose symbols take the place of kallsyms."""
    done = tmp_path / "kernel"
    subprocess.run(["as", "-o", f"{done}.o", "-"], check=True, text=True,
                   input=SOURCE.format(behind=behind, fill=fill))
    subprocess.run(["ld", f"-Ttext={BASE:#x}", "-e", "flush", "-o", done,
                    f"{done}.o"], check=True, stderr=subprocess.DEVNULL)
    text = subprocess.run(["nm", done], check=True, text=True,
                          stdout=subprocess.PIPE).stdout
    rows = [(int(line.split()[0], 16), "T", line.split()[2])
            for line in text.splitlines()]
    monkeypatch.setattr(kallsyms, "symbols", lambda *_: rows)
    return done.read_bytes()


def shown(done, first, size):
    """What objdump says of bytes of the changed kernel."""
    made = patch.Kernel(done.image)
    made.places["shown"], made.rows = first, [
        (first, "T", "shown"), (first + size, "T", "next")]
    return [text for _, text in patch.instructions(made, "shown")]


@pytest.fixture(name="image")
def image_fixture(tmp_path, monkeypatch):
    return kernel(tmp_path, monkeypatch)


def test_the_site_jumps_to_the_code_and_the_code_back(image):
    done = patch.apply(PATCH, image)
    flush, after = done.names[0][1], patch.Kernel(image).place("after")
    code = patch.room(patch.Kernel(image))[0]
    lines = shown(done, flush, after - flush)
    assert lines[3] == f"jmp {code:#x}"
    assert lines[4:6] == ["nop", "add $0x2,%eax"]
    assert lines[:3] == ["push %rbx", "mov $0x1,%eax", "xor %ebx,%ebx"]
    pop = flush + 1 + 5 + 2 + 4 + 2 + 3
    assert shown(done, code, 13) == [
        f"lock incq {done.counter - code - 8:#x}(%rip) # {done.counter:#x}",
        f"jmp {pop:#x}", ""]
    assert done.counter % patch.PAGE == patch.PAGE - patch.COUNTER_SIZE
    assert done.words() == (f"test.symbols=flush,_etext "
                            f"test.counter={done.counter}")


def test_nothing_else_changes(image):
    done = patch.apply(PATCH, image)
    assert len(done.image) == len(image)
    changed = sum(one != other for one, other in zip(image, done.image))
    assert 0 < changed <= 6 + 13


def refused(image, match, **fields):
    with pytest.raises(cli.Wrong, match=match):
        patch.apply(dataclasses.replace(PATCH, **fields), image)


def test_another_kernel_is_refused(image):
    refused(image, "found 0 of them", site=["cmp %rax,%rsi"])
    refused(image, "found 0 of them", anchors={"out": ["pop %rcx"]})
    refused(image, "5 bytes", site=["xor %ebx,%ebx"])
    refused(image, "among the kernel's symbols", function="flash")
    refused(image, "bytes of code", code="\n\t.space 4096\n")


def test_a_site_that_occurs_twice(image):
    # only that of the function counts
    assert patch.apply(dataclasses.replace(
        PATCH, site=[r"mov \$0x1,%eax"]), image)
    refused(image, "found 3 of them", site=[".*bx"])


def test_bytes_behind_the_text(tmp_path, monkeypatch):
    with pytest.raises(cli.Wrong, match="behind the kernel's text"):
        patch.apply(PATCH, kernel(tmp_path, monkeypatch, fill=1))


def test_the_patches_of_the_table():
    patches = patch.load()
    named = {row.patch for row in table.load() if row.patch}
    assert named == set(patches)


ROW = table.Row("row", "", patch="p", finds=["frame"], format="vmlinux")
SAID = """guest| # symbol flush 0x1000 0x1010
guest| # symbol _etext 0x2000 0x2010
guest| # counter 5
[1] guest: sanitize finding kind=frame vp=1 rip=0x1 gva=0x2 access=read
"""


def failed(text, row=ROW):
    done = patch.Done(b"", 0, [("flush", 0x1000), ("_etext", 0x2000)])
    made = type("Made", (), {"patched": done})
    return [name for state, name, _ in
            patched.judge_all(row, made, judge.Seen(text)) if state == "FAIL"]


def test_a_run_that_shows_the_mistake():
    assert not failed(SAID)
    assert patched.figures(ROW, judge.Seen(SAID)) == " path=5 frame=1 kernel=0"
    assert not failed("", table.Row("row", ""))


@pytest.mark.parametrize("old, new, name", [
    ("counter 5", "counter 0", "row: path"),
    ("# counter 5", "# counter: none", "row: path"),
    ("flush 0x1000", "flush 0x1004", "row: place of flush"),
    ("symbol _etext", "symbol etext", "row: place of _etext"),
    ("kind=frame", "kind=dirty", "row: findings"),
    ("sanitize finding", "sanitize found", "row: findings")])
def test_what_is_missing(old, new, name):
    assert SAID.count(old) == 1
    assert failed(SAID.replace(old, new)) == [name]


def test_what_the_kernel_says_is_counted():
    text = SAID + "guest| Oops: 0000 [#1]\nguest| Kernel panic - not\n"
    assert patched.figures(ROW, judge.Seen(text)).endswith("kernel=2")
