# SPDX-License-Identifier: MIT
"""Writes the tables of docs/linux.md and its charts from
docs/results/linux-bench.tsv; --check compares instead of writing."""

from lethe import cli
from lethe.docs import written
from lethe.linux_bench import bars, charts, kvm, results, table, traced
from lethe.linux_bench.cells import head, line, number, where, work_name
from lethe.project import ROOT

PAGE = ROOT / "docs/linux.md"
BEGIN = "<!-- generated: {}, from docs/results/linux-bench.tsv -->\n"
END = "<!-- end: {} -->\n"
GIGA = 10 ** 9


def sample_table(rows, found):
    """A line for each part of each row that has samples."""
    text = head("VPs, CPUs, slice", "work", "flushes by", "operations",
                "per G tick", "median", "p99", "max")
    cells = []
    for row in rows:
        for part, values in parts_of(row, found):
            cells.append((where(row), part, row.arm,
                          values))
    order = list(dict.fromkeys((place, part) for place, part, _, _ in cells))
    cells.sort(key=lambda one: order.index(one[:2]))  # both arms together
    for place, part, arm, values in cells:
        per = values["operations"] * GIGA // values["elapsed"]
        text += line(place, work_name(part), arm, number(values["operations"]),
                     number(per), *(number(values[key]) for key in
                                    ("median", "p99", "max")))
    return text


def parts_of(row, found):
    result = found.get(row.name)
    if result:
        for part, values in result.parts.items():
            if "median" in values:
                yield part, values


def on_lethe(rows, found):
    return [row for row in rows if row.name in found and not row.is_kvm]


def counter_table(rows, found):
    """What Lethe counted in the whole run of a row, boot included."""
    text = head("VPs, CPUs, slice", "flushes by", "hypercalls", "kicks",
                "flushed VPs", "INVVPIDs", "Linux's row TLB")
    for row in on_lethe(rows, found):
        parts = found[row.name].parts
        calls = " ".join(f"{code}: {number(count)}" for code, count in
                         parts["hypercalls"].items())
        types = ", ".join(f"{name} {number(count)}" for name, count in
                          parts["invvpids"].items() if count)
        place = where(row) + ", stress-ng" * row.stress
        text += line(place, row.arm, calls or "none",
                     number(parts["flushes"]["kicks"]),
                     number(parts["flushes"]["targets"]), types or "none",
                     number(parts["linux"]["tlb"]))
    return text


def exit_table(rows, found):
    """Exits by reason, a column for each row of the pairs."""
    shown = [row for row in on_lethe(rows, found)
             if not row.stress and not row.is_beside_kvm]
    every = {row.name: found[row.name].parts["exits"] for row in shown}
    reasons = sorted({name for exits in every.values() for name in exits})
    text = head("exit", *(f"{where(row)}, {row.arm}"
                          for row in shown))
    for reason in reasons:
        text += line(reason.replace("_", " ") if reason.startswith("call")
                     else reason, *(number(every[row.name].get(reason, 0))
                                    for row in shown))
    text += line("all", *(number(sum(every[row.name].values()))
                          for row in shown))
    return text


def kvm_table(rows, found):
    """What KVM counted, as far as it was read before the end."""
    shown = [row for row in rows if row.is_kvm and row.name in found]
    if not shown:
        return "There is no result on KVM.\n"
    stats = {row.name: found[row.name].parts.get("kvm", {}) for row in shown}
    names = list(dict.fromkeys(name for one in stats.values() for name in one))
    text = head("VPs, CPUs", "flushes by", *(f"`{name}`" for name in names))
    for row in shown:
        text += line(where(row), row.arm, *(
            number(stats[row.name].get(name, "–")) for name in names))
    return text


def cost_table(rows, found):
    """What a flush of the other VP adds, where each VP has a CPU."""
    text = head("on", "flushes by", "ticks that a flush of the other VP adds "
                "to the median of the flusher's operations")
    for row in rows:
        cost = row.vps == 2 and row.name in found and \
            not row.is_beside_kvm and \
            bars.flush_cost(found[row.name].parts)
        if cost:
            text += line("KVM" if row.is_kvm else "Lethe", row.arm,
                         number(cost))
    return text


def bar_table(pairs):
    text = head("what", "bar", "found", "")
    for bar in bars.bars(pairs):
        text += line(bar.what, f"{float(bar.wanted):g}", bars.cut(bar.found),
                     bar.word)
    return text


def median_reason(pair):
    """Why the median with a CPU for each VP gains what it gains."""
    free = pair and bars.free_flush(pair)
    if free is None:
        return ""
    calls, shots = (bars.flush_cost(arm) for arm in (pair.hypercall, pair.ipi))
    return (f"* 2 VPs on 2 CPUs, munmap of 16 pages: a flush of the other VP "
            f"adds {number(shots)} ticks to the median of the flusher's "
            f"operations by an interrupt, {number(calls)} by a hypercall. If "
            f"the flush cost nothing and all else took as long, the median "
            f"would be {bars.cut(free)} times shorter.\n")


def lone_reason(pair, where):
    """What one thread gains that unmaps while the others spin."""
    part = bars.unmapper(4)
    both = pair.both(part)
    if not both:
        return ""
    return (f"* {where}: the unmapper's median is "
            f"{number(both[0]['median'])} ticks with hypercalls, "
            f"{number(both[1]['median'])} with interrupts "
            f"({bars.cut(pair.shorter(part, 'median'))} times); it does "
            f"{bars.cut(pair.faster(part))} times the operations per tick.\n")


def tail_reasons(pairs):
    """What the longest operations wait for where VPs share CPUs."""
    text = ""
    for time in charts.SLICES:
        pair = pairs.get((4, time))
        unmaps = pair and pair.both(bars.munmap(16, 4))
        exits, linux = (pair and pair.both(part) for part in
                        ("exits", "linux"))
        where = f"4 VPs on 2 CPUs, {time.replace('ms', ' ms')}"
        if pair:
            text += lone_reason(pair, where)
        if unmaps and exits and linux:
            done = sum(values["operations"] for part, values in
                       pair.ipi.items() if part.startswith("munmap")
                       and part.endswith("-4"))
            text += (f"* {where}: the {number(done)} munmaps of four "
                     "threads, and the flusher and the unmapper, sent "
                     f"{number(linux[1]['tlb'])} interrupts in all; VPs "
                     f"halted {number(exits[1].get('HLT', 0))} times with "
                     f"interrupts, {number(exits[0].get('HLT', 0))} times "
                     "with hypercalls.\n")
    return text


def stress_reasons(pairs):
    """What stress-ng gains."""
    text = ""
    for (vps, time), pair in sorted(pairs.items()):
        ratio = pair.faster(bars.stress(vps))
        if ratio:
            place = f"{vps} VPs on 2 CPUs"
            place += f", {time.replace('ms', ' ms')}" * (vps > 2)
            text += (f"* {place}: stress-ng takes {bars.cut(ratio)} times as "
                     "many ticks with interrupts.\n")
    return text


def beside_kvm_table(rows, found):
    """Whole runs on Lethe beside those on KVM; a column for each way of
    flushing there."""
    text = head("VPs, CPUs", "work", *kvm.CPUS)
    ratios = bars.beside_kvm(rows, found)
    for vps, cpus, part in sorted(ratios):
        cells = []
        for arm in kvm.CPUS:
            ratio = ratios[vps, cpus, part].get(arm)
            word = bars.Bar("", bars.BESIDE_KVM, ratio).word
            cells.append(word if ratio is None else
                         f"{bars.cut(ratio)}, {word}")
        text += line(f"{vps} on {cpus}", work_name(part), *cells)
    return text


def made_with(rows, found):
    """Which Lethe and which Linux."""
    seen = [found[row.name].about for row in on_lethe(rows, found)]
    text = ""
    for key, words in (("kernel", "Linux: Debian's cloud kernel"),
                       ("commit", "Lethe: commit")):
        values = dict.fromkeys(about[key] for about in seen)
        text += f"{words} {', '.join(values) or '–'}. "
    return text.strip() + "\n"


def blocks(every, found):
    """{name of the table: text}"""
    rows = [row for row in every if not row.trace]
    shown = [row for row in every if row.trace and row.name in found]
    pairs = bars.pairs(rows, found)
    return {"what was measured": made_with(rows, found),
            "bars": bar_table(pairs),
            "reasons": median_reason(pairs.get((2, "5ms"))) +
            tail_reasons(pairs) +
            stress_reasons(bars.pairs(rows, found, True)),
            "times": sample_table(rows, found),
            "counters": counter_table(rows, found),
            "exits": exit_table(rows, found),
            "cost of a flush": cost_table(rows, found),
            "whole runs beside KVM": beside_kvm_table(rows, found),
            "KVM's counters": kvm_table(rows, found),
            "where the time of munmap went": traced.share_table(shown, found),
            "what the trace says": traced.reasons(shown, found),
            "waits for the lock": traced.wait_table(shown, found),
            "what was traced": made_with(shown, found)}


def place(text, tables):
    """The document with these tables between their markers."""
    for name, made in tables.items():
        begin, end = BEGIN.format(name), END.format(name)
        before, opened, rest = text.partition(begin)
        _, closed, after = rest.partition(end)
        if not opened or not closed:
            raise cli.Wrong(f"docs/linux.md: expected `{begin.strip()}` and "
                            f"`{end.strip()}`, each once")
        text = before + begin + made + end + after
    return text


def generate():
    """{path: text}"""
    rows = table.load()
    found = results.load()
    return {PAGE: place(PAGE.read_text(), blocks(rows, found)),
            **charts.charts(bars.pairs(rows, found))}


def check():
    """What is wrong, for lint/run.py."""
    return written.differing(generate(), "linux_bench.report")


def main():
    return written.run("linux_bench.report", __doc__, generate, check)


if __name__ == "__main__":
    cli.main("linux_bench.report", main)
