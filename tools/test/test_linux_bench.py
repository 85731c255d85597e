# SPDX-License-Identifier: MIT
"""Tests what is read from a run of the Linux bench, its file of results, the
bars and the tables, without a run."""

import shlex
import types
from fractions import Fraction

import pytest

from lethe import cli
from lethe.linux_bench import bars, charts, kvm, parse, report, \
    results, run, table
from lethe.linux_guest import judge

LINES = """# init ticks=400 cpus=2 linux=6.1.0
# bench flusher pages=8 threads=1 {0}=10 elapsed=90 sum=50 median=5 p99=6 max=7
# bench flusher pages=8 threads=2 {0}=20 elapsed=400 sum=300 median=15 p99=30 \
max=31
# bench munmap pages=16 threads=2 {0}=4 elapsed=100 sum=80 median=20 p99=21 \
max=22
# interrupts TLB:          3          4   TLB shootdowns
""".format("operations")
CALLS = "  call 0x0003          success=16\n  call 0x0002          success=2\n"
EXITS = "  IO                   300  2^8:300\n  call 0x0003  8  2^8:8\n"
FLUSH = """guest:0 flushed=1 invvpids=2 (address=1 single=1 all=0 retain=0)
  calls, ticks: 160  2^8:159 2^9:1
guest:1 flushed=161 invvpids=161 (address=159 single=0 all=0 retain=2)
"""
CPU = """0 apic_id=0 root vp=guest:0 vps=1 kicks_sent=14 nmis=0 aborts=0
1 apic_id=1 idle vp=guest:1 vps=1 kicks_sent=6 nmis=3 aborts=0
"""


def seen():
    text = "".join(f"guest| {line}\n" for line in LINES.splitlines())
    return judge.Seen(text, hypercalls=CALLS, exits=[EXITS, EXITS])


def parts():
    return parse.parts(seen(), FLUSH, CPU)


def test_the_lines_of_linux():
    found = parts()
    assert found["flusher-8-2"] == {"operations": 20, "elapsed": 400,
                                    "sum": 300, "median": 15, "p99": 30,
                                    "max": 31}
    assert found["munmap-16-2"]["p99"] == 21
    assert found["linux"] == {"tlb": 7}


def test_the_answers_of_the_console():
    found = parts()
    assert found["hypercalls"] == {"0x0002": 2, "0x0003": 16}
    assert found["exits"] == {"IO": 600, "call_0x0003": 16}
    assert found["flushes"] == {"targets": 162, "kicks": 20}
    assert found["invvpids"] == {"address": 160, "single": 1, "all": 0,
                                 "retain": 2}


@pytest.mark.parametrize("line", [
    "# bench munmap pages=1 threads=2 operations=4",
    "# bench munmap threads=2 pages=1 operations=4 elapsed=1 sum=1 median=1 "
    "p99=1 max=1"])
def test_a_line_without_all_fields_is_refused(line):
    with pytest.raises(ValueError, match="expected the fields"):
        parse.samples([line])


def test_a_part_that_comes_twice_is_refused():
    line = LINES.splitlines()[1]
    with pytest.raises(ValueError, match="twice"):
        parse.samples([line, line])


def test_other_lines_are_passed_over():
    assert parse.samples(["# benches", "ok 1 - flusher/done", ""]) == {}


def test_the_file_of_results(tmp_path):
    path = tmp_path / "bench.tsv"
    about = {"stamp": "12ab", "commit": "34cd+", "kernel": "6.1.192-2"}
    made = {"b": results.Result(about, parts()),
            "gone": results.Result(about, {}),
            "a": results.Result(about, {"invvpids": {}})}
    results.store(made, ["a", "b", "not-yet"], path)
    found = results.load(path)
    assert list(found) == ["a", "b"]
    assert found["b"] == made["b"]
    assert found["a"].parts == {"invvpids": {}}


def test_no_file_is_no_result(tmp_path):
    assert results.load(tmp_path / "none") == {}


def test_a_ratio_is_cut_not_rounded():
    assert bars.cut(Fraction(19999, 1000), 2) == "19.99"
    assert bars.cut(Fraction(1, 3)) == "0.333"
    assert bars.cut(Fraction(50)) == "50.000"
    assert bars.cut(Fraction(7, 2), 0) == "3"
    assert bars.cut(None) == "–"


def values(operations, elapsed, median=10, p99=10, total=0):
    return {"operations": operations, "elapsed": elapsed, "sum": total,
            "median": median, "p99": p99, "max": p99}


def result(**found):
    return results.Result({"commit": "x", "kernel": "y"}, {
        name.replace("_", "-"): one for name, one in found.items()})


def words(pairs):
    return {bar.what.partition(",  of whose")[0]: bar.word
            for bar in bars.bars(pairs)}


def busy(operations, p99):
    return bars.Pair(result(flusher_8_4=values(operations, 1000),
                            munmap_16_4=values(1, 1, p99=10),
                            unmapper_16_4=values(1, 1, p99=1)),
                     result(flusher_8_4=values(10, 1000),
                            munmap_16_4=values(1, 1, p99=p99),
                            unmapper_16_4=values(1, 1, p99=49)))


def test_a_bar_is_reached_exactly():
    flusher = "4 VPs on 2 CPUs, 5 ms: the flusher's operations per tick"
    p99 = "4 VPs on 2 CPUs, {} ms: p99 of munmap of 16 pages"
    lone = "4 VPs on 2 CPUs, 5 ms: p99 of the unmapper, 16 pages"
    found = words({(4, "5ms"): busy(200, 500), (4, "10ms"): busy(1, 499)})
    assert found[flusher] == found[p99.format(5)] == "reached"
    assert found[p99.format(10)] == found[lone] == "**not reached**"
    assert words({(4, "5ms"): busy(199, 500)})[flusher] == "**not reached**"
    assert set(words({}).values()) == {"not measured"}


def whole(alone, total, elapsed):
    """The bar of munmap of 16 pages; with hypercalls 100 operations take 1000
    ticks, with interrupts `elapsed`, in which `total` are spent."""
    pair = bars.Pair(
        result(munmap_16_2=values(100, 1000)),
        result(munmap_16_1=values(1, 10, total=alone),
               munmap_16_2=values(100, elapsed, total=total)))
    return next(bar for bar in bars.whole_bars(pair, 2)
                if bar.what.startswith("munmap of 16 "))


def test_what_a_whole_run_has_to_gain_depends_on_the_shoot_downs():
    # 2 VPs x 1000 ticks, of which 80 are 4 %
    assert whole(1, 180, 1000).wanted == bars.LOSS
    assert whole(1, 181, 1000).wanted == bars.GAIN
    assert whole(1, 180, 1000).word == "reached"
    assert whole(1, 180, 994).word == "**not reached**"
    assert whole(1, 500, 1019).word == "**not reached**"
    assert whole(1, 500, 1020).word == "reached"


def test_what_a_flush_for_nothing_would_gain():
    pair = bars.Pair(
        result(flusher_8_1=values(1, 1, 100), flusher_8_2=values(1, 1, 110),
               munmap_16_2=values(1, 1, 390)),
        result(flusher_8_1=values(1, 1, 100), flusher_8_2=values(1, 1, 140),
               munmap_16_2=values(1, 1, 400)))
    assert bars.flush_cost(pair.hypercall) == 10
    assert bars.free_flush(pair) == Fraction(400, 360)
    said = report.median_reason(pair)
    assert "adds 40 ticks" in said and "10 by a hypercall" in said
    assert "1.111 times shorter" in said
    assert report.median_reason(bars.Pair(None, None)) == ""


def test_what_the_tail_of_munmap_is_explained_by():
    pair = busy(200, 500)
    pair.ipi |= {"munmap-1-4": values(30, 1), "munmap-1-1": values(5, 1),
                 "exits": {"HLT": 7}, "linux": {"tlb": 11}}
    pair.hypercall |= {"exits": {"HLT": 8}, "linux": {"tlb": 0}}
    said = report.tail_reasons({(4, "5ms"): pair})
    assert "the 31 munmaps of four threads" in said
    assert "sent 11 interrupts" in said
    assert "halted 7 times with interrupts, 8 times with hypercalls" in said
    assert "median is 10 ticks with hypercalls, 10 with inter" in said
    assert report.tail_reasons({}) == ""


ROWS = [table.Row(name="h", arm="hypercall", vps=4),
        table.Row(name="i", arm="ipi", vps=4)]


def full(arm):
    made = result(flusher_8_4=values(2000, 10 ** 6, 1234, 5678))
    made.parts |= {"hypercalls": {"0x0003": 1500} if arm == "h" else {},
                   "exits": {"IO": 7, "call_0x0003": 1500},
                   "flushes": {"targets": 3, "kicks": 2},
                   "invvpids": {"address": 9, "all": 0},
                   "linux": {"tlb": 5}}
    return made


def test_the_tables():
    found = {"h": full("h"), "i": full("i")}
    made = report.blocks(ROWS, found)
    assert ("| 4 on 2, 5 ms | flusher | hypercall | 2,000 | 2,000,000 | 1,234 "
            "| 5,678 | 5,678 |") in made["times"]
    assert ("| 4 on 2, 5 ms | hypercall | 0x0003: 1,500 | 2 | 3 | address 9 "
            "| 5 |") in made["counters"]
    assert "| call 0x0003 | 1,500 | 1,500 |" in made["exits"]
    assert "| all | 1,507 | 1,507 |" in made["exits"]
    assert made["bars"].count("not measured") == 14
    assert "**not reached**" in made["bars"]


def test_the_tables_with_a_run_on_kvm():
    rows = [*ROWS, table.Row(name="k", arm="kvm-pv", vps=4)]
    found = {"h": full("h"), "i": full("i"),
             "k": result(flusher_8_4=values(1000, 10 ** 6), kvm={"exits": 77})}
    made = report.blocks(rows, found)
    assert "| 4 on 2 | flusher | kvm-pv | 1,000 |" in made["times"]
    assert "| 4 on 2 | kvm-pv | 77 |" in made["KVM's counters"]
    rows[2].vps = 2
    found["k"].parts |= {"flusher-8-1": values(1, 1, 100),
                         "flusher-8-2": values(1, 1, 1134)}
    assert "| KVM | kvm-pv | 1,034 |" in report.blocks(rows, found)[
        "cost of a flush"]
    del found["k"]
    without = report.blocks(rows, found)
    assert without["KVM's counters"] == "There is no result on KVM.\n"
    assert {name for name in made if made[name] != without[name]} == {
        "times", "KVM's counters"}


def test_whole_runs_beside_those_on_kvm():
    """Of the rows on Lethe only the one with KVM's seconds is compared."""
    rows = [table.Row(name="h", arm="hypercall"),
            table.Row(name="s", arm="hypercall", tsc_hz=kvm.TSC_HZ),
            table.Row(name="k", arm="kvm-pv"),
            table.Row(name="other", arm="kvm-ipi", vps=4)]
    found = {name: result(flusher_8_2=values(10, elapsed), kvm={"exits": 1})
             for name, elapsed in (("h", 1), ("s", 100), ("k", 150),
                                   ("other", 1))}
    key = (2, 2, "flusher-8-2")
    assert bars.beside_kvm(rows, found) == {key: {"kvm-pv": Fraction(3, 2)}}
    assert ("| 2 on 2 | flusher | not measured | 1.500, reached | not measured "
            "|") in report.beside_kvm_table(rows, found)
    found["k"] = result(flusher_8_2=values(10, 99))
    assert "0.990, **not reached**" in report.beside_kvm_table(rows, found)
    assert bars.pairs(rows[1:], found)[2, "5ms"].hypercall == {}


def test_stress_ng_is_a_pair_of_its_own():
    rows = [table.Row(name=arm, arm=arm, stress=True) for arm in table.ARMS]
    found = {arm: result(stress_0_2=values(1, elapsed))
             for arm, elapsed in (("hypercall", 100), ("ipi", 125))}
    assert bars.pairs(rows, found) == {}
    said = report.stress_reasons(bars.pairs(rows, found, True))
    assert "2 VPs on 2 CPUs: stress-ng takes 1.250 times" in said
    assert rows[0].results == 1
    assert rows[0].guest().jobs == "stress"
    assert "--malloc-pthreads 1 " in rows[0].guest().stress


def test_the_tables_go_between_their_markers():
    text = "".join(report.BEGIN.format(name) + "old\n" +
                   report.END.format(name) for name in ("bars", "times"))
    placed = report.place(text, {"bars": "new\n", "times": "other\n"})
    assert placed == text.replace("old", "new", 1).replace("old", "other")
    with pytest.raises(cli.Wrong, match="markers|expected"):
        report.place(text, {"exits": ""})


def test_the_chart_has_both_arms():
    pairs = bars.pairs(ROWS, {"h": full("h"), "i": full("i")})
    chart = charts.charts(pairs)[charts.FLUSHER_CHART]
    assert "hypercalls" in chart and "interrupts" in chart
    assert chart.count("<circle") == 2
    assert charts.charts({}) == {}


def test_the_rows_that_are_run():
    rows = table.load()
    assert len({row.name for row in rows}) == len(rows)
    for arm, privileges in table.ARMS.items():
        chosen = [row for row in rows if row.arm == arm]
        assert {row.guest().privileges for row in chosen} == {privileges}
        assert {(row.vps, row.slice) for row in chosen} == {
            (2, "5ms"), (4, "1ms"), (4, "5ms"), (4, "10ms")}
        short = next(row for row in chosen if row.slice == "1ms")
        assert "slice = 1ms" in short.guest().guest
        assert "test.times=400" in chosen[0].guest().command_line()


def failed(arm, calls="", tlb="0          0", said="ok 1 - flusher/2 threads"):
    """What is wrong with a run that has one part."""
    lines = f"{LINES.splitlines()[2]}\n{said}\n" \
        f"# interrupts TLB:  {tlb}   TLB shootdowns\n"
    text = "".join(f"guest| {line}\n" for line in lines.splitlines())
    ran = judge.Seen(text + "[0] guest: stopped code=0 reason=sleep\n",
                     hypercalls=calls)
    rows = run.rows_of(table.Row(name="r", arm=arm), ran,
                       parse.parts(ran, "", ""))
    return [name for state, name, _ in rows if state == "FAIL"]


def test_a_run_has_to_flush_in_its_way_only():
    assert failed("hypercall", CALLS) == []
    assert failed("ipi", tlb="1          2") == []
    wrong = ["r: way of flushing"]
    assert failed("hypercall", CALLS, tlb="1          0") == wrong
    assert failed("hypercall") == failed("ipi") == wrong
    assert failed("ipi", CALLS, tlb="1          2") == wrong


def test_a_run_has_to_succeed():
    assert failed("hypercall", CALLS, said="not ok 1 - flusher/2 threads") == [
        "r: jobs"]
    assert failed("hypercall", CALLS.replace("=16", "=15 status_0x05=1")) == [
        "r: statuses"]


@pytest.fixture(name="stamp_of")
def fixture_stamp_of(tmp_path, monkeypatch):
    """stamp_of(hypervisor, rom, text): the stamp of these inputs"""
    monkeypatch.setattr(run.emulator, "bochs_version", lambda: "2.7")

    def stamp_of(hypervisor, rom, text="conf"):
        build = types.SimpleNamespace(hypervisor=tmp_path / "elf",
                                      rom=tmp_path / "rom")
        build.hypervisor.write_bytes(hypervisor)
        build.rom.write_bytes(rom)
        return run.stamp(build, types.SimpleNamespace(
            text=text, files={"vmlinuz": b"kernel"}))

    return stamp_of


def test_a_commit_without_code_needs_no_run(stamp_of):
    elf = b"text\0%s\0cpus=%%u"
    rom = b"lethe 0.2.0 commit %s: loader"
    before = stamp_of(elf % b"0123456789", rom % b"0123456789")
    assert stamp_of(elf % b"abcdef0123", rom % b"abcdef0123") == before
    assert stamp_of(elf % b"abcdef0123+", rom % b"abcdef0123+") == before


def test_each_input_needs_a_run(stamp_of):
    before = stamp_of(b"code", b"rom")
    assert len({before, stamp_of(b"other", b"rom"), stamp_of(b"code", b"other"),
                stamp_of(b"code", b"rom", "slice = 1ms")}) == 4


KVM_LOG = LINES + "1..11\r\n"


def test_a_run_on_kvm():
    row = table.Row(name="k", arm="kvm-hypercall")
    log = KVM_LOG + "Hyper-V: Using hypercall for remote TLB flush\n"
    files = {"console": log.encode(), "stats": b"exits:12\ntlb_flush:3\n"}
    found, wrong = kvm.parts(row, files)
    assert wrong == []
    assert found["munmap-16-2"]["p99"] == 21
    assert found["kvm"] == {"exits": 12, "tlb_flush": 3}


@pytest.mark.parametrize("arm,log,why", [
    ("kvm-hypercall", KVM_LOG, "expected /Hyper-V: Using"),
    ("kvm-pv", "KVM setup pv remote TLB flush\n", "the plan"),
    ("kvm-pv", KVM_LOG, "expected /KVM setup pv"),
    ("kvm-ipi", KVM_LOG + "Hypervisor detected: Microsoft Hyper-V\nHyper-V: "
     "Using hypercall for remote TLB flush\n", "expected no /")])
def test_a_run_on_kvm_that_does_not_flush_as_it_should(arm, log, why):
    row = table.Row(name="k", arm=arm)
    _, wrong = kvm.parts(row, {"console": log.encode()})
    assert len(wrong) == 1 and why in wrong[0]


def test_the_command_of_kvm():
    row = table.Row(name="k", arm="kvm-hypercall", vps=4)
    words = shlex.split(kvm.command(row))
    assert "hv-tlbflush" in words[words.index("-cpu") + 1]
    assert words[words.index("-smp") + 1] == "4"
    assert "test.jobs=flusher,munmap" in words[-1]
