# SPDX-License-Identifier: MIT
"""Tests the judge of the Linux guests without a run: a good run passes, and
each thing that may be wrong with it fails exactly its own check."""

import dataclasses
import gzip
import lzma
import struct

import pytest

from lethe import cli
from lethe.linux_guest import judge, kernels, table

LINUX = """# init ticks=400 cpus=2 linux=6.1.0
# coherence near: rounds=5 checks=40 stale=0 strays=0 failures=0
ok 1 - coherence/near
# coherence space: rounds=5 checks=40 stale=0 strays=0 failures=0
ok 2 - coherence/space
# coherence two: rounds=5 checks=40 stale=0 strays=0 failures=0
ok 3 - coherence/two
# coherence four: rounds=5 checks=40 stale=0 strays=0 failures=0
ok 4 - coherence/four
# interrupts TLB:          0          0   TLB shootdowns
# trace calls=20 space=5 entries1=5 entries2=5 entries3=0 entries4=5
1..4
"""
STOPPED = "[0] guest: stopped code=0 reason=sleep\n"
CALLS = """  call 0x0002          success=5
  call 0x0003          success=16
"""
EXITS = """guest:0 exits by reason; count, then 2^n ticks: how many
  call 0x0003          10  2^8:10
  other calls          1  2^10:1
  IO                   300  2^8:200 2^9:100
  RDMSR                20  2^6:20
"""
OTHERS = """[partition two]
image = @IMAGE@
memory = 32M
cmdline = @CMDLINE@ reboot=t
"""
ROW = table.Row(name="row", what="", jobs="coherence", checks=160, tlb="zero",
                codes=["0x0002", "0x0003"], entries=[1, 2, 4], ticks=400,
                exits=662, exits_not_io=62, like="linux")


def seen(linux=LINUX, stopped=STOPPED, calls=CALLS, exits=(EXITS, EXITS)):
    text = "".join(f"guest| {line}\n" for line in linux.splitlines())
    return judge.Seen(text + stopped, hypercalls=calls, exits=list(exits))


def failed(what, row=ROW):
    return [name.removeprefix("row: ") for state, name, _ in
            judge.judge_all(row, what) if state == "FAIL"]


def changed(old, new):
    assert LINUX.count(old) == 1
    return seen(LINUX.replace(old, new))


def test_a_good_run_passes():
    assert failed(seen()) == []
    assert len(judge.judge_all(ROW, seen())) == 18


def test_the_end():
    assert failed(seen(stopped="")) == ["end"]
    assert failed(seen(stopped=STOPPED.replace("code=0", "code=1"))) == ["end"]
    assert failed(seen(stopped=STOPPED.replace("sleep", "reset"))) == ["end"]


def test_ends_of_others():
    row = dataclasses.replace(ROW, ends={"two": "128 triple-fault"})
    two = "[10] two: stopped code=128 reason=triple-fault\n"
    assert failed(seen(stopped=STOPPED + two), row) == []
    assert failed(seen(), row) == ["end of two"]
    assert failed(seen(stopped=STOPPED + two.replace("128", "0")), row) == [
        "end of two"]
    assert failed(seen(stopped=STOPPED + two + two), row) == ["end of two"]
    assert failed(seen(stopped=two), row) == ["end"]


def test_others_are_configured():
    row = dataclasses.replace(ROW, others=OTHERS, ends={"two": "0 reset"})
    table.check(row)
    assert row.machine_memory == row.memory + 32 + table.HYPERVISOR_MEMORY
    assert "image = kernel\n" in row.other_sections("kernel")
    assert f"cmdline = {table.CMDLINE} " in row.other_sections("kernel")
    with pytest.raises(ValueError, match="ends"):
        table.check(dataclasses.replace(row, ends={}))


def test_suspended_calls():
    row = dataclasses.replace(ROW, suspended=5)
    calls = CALLS.replace("=16", "=16 suspended=5")
    again = "  suspended 5, made again 5\n"
    assert failed(seen(calls=calls + again), row) == []
    assert failed(seen(calls=calls + again)) == ["statuses"]
    assert failed(seen(calls=calls), row) == ["suspended calls"]
    assert failed(seen(calls=calls + again.replace("again 5", "again 4")),
                  row) == ["calls made again"]
    # a call that was suspended is not one that was made
    assert failed(seen(calls=calls.replace("=16", "=14") + again), row) == [
        "calls"]


def test_all_vps_have_to_be_there():
    assert failed(changed("cpus=2", "cpus=1")) == ["user space"]


@pytest.mark.parametrize("counts", ["0          1", "0",
                                    "0          0          0"])
def test_the_tlb_row(counts):
    found = changed("0          0   TLB", f"{counts}   TLB")
    assert failed(found) == ["TLB row zero"]


def test_the_tlb_row_without_the_recommendation():
    row = dataclasses.replace(ROW, tlb="counted", codes=[])
    assert failed(seen(calls=""), row) == ["TLB row counted"]
    found = changed("0          0   TLB", "0          20   TLB")
    found.hypercalls = ""
    assert failed(found, row) == []
    found.hypercalls = CALLS
    assert failed(found, row) == ["codes"]


def test_calls():
    one = CALLS.splitlines()[1]
    assert failed(seen(calls=one)) == ["codes", "calls"]
    assert failed(seen(calls=CALLS.replace("=16", "=14"))) == ["calls"]
    assert failed(seen(calls=CALLS + "  call 0x0013          success=1\n")) \
        == ["codes"]
    assert failed(seen(calls=CALLS.replace("=16", "=16 status_0x05=1"))) == [
        "statuses"]


def test_stale_reads():
    found = changed("space: rounds=5 checks=40 stale=0",
                    "space: rounds=5 checks=40 stale=1")
    assert failed(found) == ["stale reads"]
    found = changed("four: rounds=5 checks=40 stale=0 strays=0",
                    "four: rounds=5 checks=40 stale=0 strays=1")
    assert failed(found) == ["stale reads"]
    assert failed(changed("near: rounds=5 checks=40",
                          "near: rounds=5 checks=39")) == ["checks"]
    assert failed(changed("ok 3 - ", "not ok 3 - ")) == ["coherence/two"]


def test_entries():
    assert failed(changed("entries2=5", "entries2=0")) == [
        "calls with 2 entries"]


def test_bars():
    assert failed(changed("ticks=400", "ticks=401")) == ["ticks to init"]
    more = EXITS.replace("RDMSR                20", "RDMSR                21")
    assert failed(seen(exits=(EXITS, more))) == ["exits", "exits but IO"]
    io = EXITS.replace("IO                   300", "IO                   301")
    assert failed(seen(exits=(EXITS, io))) == ["exits"]


def bzimage(packed):
    image = bytearray(3 * kernels.SECTOR)
    image[kernels.SETUP_SECTS] = 2
    image[kernels.MAGIC_AT:kernels.MAGIC_AT + 4] = kernels.MAGIC
    struct.pack_into("<II", image, kernels.PAYLOAD_AT, 8, len(packed))
    return bytes(image) + bytes(8) + packed + b"after"


ELF = b"\x7fELF and the rest"


@pytest.mark.parametrize("packed", [gzip.compress(ELF), lzma.compress(ELF)],
                         ids=["gzip", "xz"])
def test_a_kernel_is_unpacked(packed):
    assert kernels.vmlinux(bzimage(packed + struct.pack("<I", len(ELF)))) == \
        ELF


def test_what_is_no_kernel():
    with pytest.raises(cli.Wrong, match="bzImage"):
        kernels.vmlinux(bytes(4096))
    with pytest.raises(cli.Wrong, match="packed by"):
        kernels.vmlinux(bzimage(b"no magic"))
    with pytest.raises(cli.Wrong, match="packed by"):
        kernels.vmlinux(bzimage(gzip.compress(b"not ELF") + bytes(4)))
