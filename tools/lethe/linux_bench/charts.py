# SPDX-License-Identifier: MIT
"""The charts of docs/linux.md: what 4 VPs on 2 CPUs do, over the slice."""

from lethe.docs import svg
from lethe.linux_bench import bars
from lethe.project import ROOT

FLUSHER_CHART = ROOT / "docs/linux-flusher.svg"
MUNMAP_CHART = ROOT / "docs/linux-munmap.svg"
GIGA = 10 ** 9
SLICES = ("1ms", "5ms", "10ms")


def over_slices(pairs, title, unit, value_of):
    lines = []
    for colour, (name, arm) in enumerate((("hypercalls", "hypercall"),
                                          ("interrupts", "ipi"))):
        values = []
        for time in SLICES:
            pair = pairs.get((4, time))
            parts = getattr(pair, arm) if pair else {}
            values.append(value_of(parts))
        lines.append(svg.Line(name, values, colour))
    if all(value is None for one in lines for value in one.values):
        return None
    return svg.chart(title, "slice", [time.replace("ms", " ms") for time in
                                      SLICES], unit, lines, svg.decades)


def flusher_rate(parts):
    values = parts.get(bars.flusher(4))
    return values and values["operations"] * GIGA // values["elapsed"]


def unmapper_median(parts):
    values = parts.get(bars.unmapper(4))
    return values and values["median"]


def charts(pairs):
    """{path: text} of the charts for which there are results"""
    made = {
        FLUSHER_CHART: over_slices(
            pairs, "4 VPs on 2 CPUs: the flusher's operations", "per G tick",
            flusher_rate),
        MUNMAP_CHART: over_slices(
            pairs, "4 VPs on 2 CPUs: median of an munmap of the unmapper",
            "ticks", unmapper_median)}
    return {path: text for path, text in made.items() if text}
