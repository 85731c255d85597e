# SPDX-License-Identifier: MIT
"""Compares the hypercalls with the interrupts, and with the bars.

All ratios are fractions, so that no rounding makes a bar reached. A ratio above
1 is in favour of the hypercalls.
"""

import dataclasses
from fractions import Fraction

SHARE = Fraction(4, 100)  # of shoot-downs, from which on a run has to gain
GAIN = Fraction("1.02")
LOSS = Fraction("0.995")
MEDIAN = Fraction("1.08")
BESIDE_KVM = Fraction(1)
FLUSHER = Fraction(20)
P99 = Fraction(50)
FLUSH_PAGES = 8
UNMAPPED = 16  # by one thread, while the others spin
PAGES = (1, 16, 4096)


@dataclasses.dataclass
class Bar:
    """`found` is None where a row has no results."""

    what: str
    wanted: Fraction
    found: Fraction | None

    @property
    def word(self):
        if self.found is None:
            return "not measured"
        return "reached" if self.found >= self.wanted else "**not reached**"


def flusher(vps):
    return f"flusher-{FLUSH_PAGES}-{vps}"


def unmapper(vps):
    return f"unmapper-{UNMAPPED}-{vps}"


def stress(vps):
    return f"stress-0-{vps}"


def munmap(pages, vps, reads=False):
    return f"munmap{'_read' if reads else ''}-{pages}-{vps}"


def cut(ratio, digits=3):
    """The ratio with so many digits; the others are cut off, not rounded."""
    if ratio is None:
        return "–"
    scaled = ratio.numerator * 10 ** digits // ratio.denominator
    whole, rest = divmod(scaled, 10 ** digits)
    return f"{whole}.{rest:0{digits}}" if digits else str(whole)


def rate(values):
    """Operations per tick."""
    return Fraction(values["operations"], values["elapsed"])


class Pair:
    """The results of both arms; a part that one lacks gives None."""

    def __init__(self, hypercall, ipi):
        self.hypercall = hypercall.parts if hypercall else {}
        self.ipi = ipi.parts if ipi else {}

    def both(self, part):
        if part in self.hypercall and part in self.ipi:
            return self.hypercall[part], self.ipi[part]
        return None

    def shorter(self, part, key):
        """How many times longer the interrupts' value is."""
        both = self.both(part)
        return both and Fraction(both[1][key], both[0][key])

    def faster(self, part):
        """How many times more operations per tick the hypercalls allow."""
        both = self.both(part)
        return both and rate(both[0]) / rate(both[1])

    def share(self, alone, part, callers):
        """The part of the IPI arm's ticks, of all VPs that do such operations,
        by which an operation takes longer than that of a thread alone. This is
        the shoot-downs and all other waiting for each other, so at least the
        shoot-downs. `alone`, `part`: names of parts; `callers`: threads that
        flush."""
        if alone not in self.ipi or part not in self.ipi:
            return None
        one, many = self.ipi[alone], self.ipi[part]
        longer = many["sum"] - many["operations"] * Fraction(
            one["sum"], one["operations"])
        return max(longer, Fraction(0)) / (many["elapsed"] * callers)


def flush_cost(arm):
    """What a flush of the other VP adds to the median of the flusher's
    operations, in ticks; None without results. `arm`: {part: values}"""
    alone, shared = arm.get(flusher(1)), arm.get(flusher(2))
    return alone and shared and shared["median"] - alone["median"]


def free_flush(pair):
    """By how much the median of munmap of 16 pages would be shorter than with
    interrupts if the flush cost nothing."""
    cost = flush_cost(pair.ipi)
    both = pair.both(munmap(16, 2))
    return both and cost and Fraction(both[1]["median"],
                                      both[1]["median"] - cost)


def whole_bars(pair, vps):
    """The bars of whole runs: (name, part of a thread alone, part, callers)"""
    works = [("the flusher", flusher(1), flusher(vps), 1),
             ("the unmapper", munmap(UNMAPPED, 1), unmapper(vps), 1)]
    works += [(f"munmap of {pages} page{'s' * (pages > 1)}", munmap(pages, 1),
               munmap(pages, vps), vps) for pages in PAGES]
    works.append(("munmap of 16 pages that were read", munmap(16, 1, True),
                  munmap(16, vps, True), vps))
    for name, alone, part, callers in works:
        share = pair.share(alone, part, callers)
        if share is None:
            yield Bar(f"{name}: whole run", GAIN, None)
            continue
        wanted = GAIN if share > SHARE else LOSS
        words = (f"{name}: whole run, of whose ticks with interrupts "
                 f"shoot-downs and waiting are {cut(100 * share, 1)} %")
        yield Bar(words, wanted, pair.faster(part))


def bars(pairs):
    """[Bar]; pairs: {(vps, slice): Pair}"""
    empty = Pair(None, None)
    busy = {time: pairs.get((4, time), empty) for time in ("5ms", "10ms")}
    alone = pairs.get((2, "5ms"), empty)
    found = [Bar("4 VPs on 2 CPUs, 5 ms: the flusher's operations per tick",
                 FLUSHER, busy["5ms"].faster(flusher(4)))]
    for time, pair in busy.items():
        where = f"4 VPs on 2 CPUs, {time.replace('ms', ' ms')}: p99 of"
        found += [Bar(f"{where} munmap of 16 pages", P99,
                      pair.shorter(munmap(16, 4), "p99")),
                  Bar(f"{where} munmap of 16 pages that were read", P99,
                      pair.shorter(munmap(16, 4, True), "p99")),
                  Bar(f"{where} the unmapper, 16 pages", P99,
                      pair.shorter(unmapper(4), "p99"))]
    found += [Bar("2 VPs on 2 CPUs: median of munmap of 16 pages" +
                  " that were read" * reads, MEDIAN,
                  alone.shorter(munmap(16, 2, reads), "median"))
              for reads in (False, True)]
    found += [Bar(f"2 VPs on 2 CPUs: {bar.what}", bar.wanted, bar.found)
              for bar in whole_bars(alone, 2)]
    return found


def works(parts):
    """The parts of a result in which threads do the same again and again."""
    return {part: values for part, values in parts.items()
            if "median" in values}


def beside_kvm(rows, found):
    """{(VPs, CPUs, part): {arm of KVM: how many times more operations per tick
    Lethe does}}. Both have as many ticks a second."""
    ratios = {}
    for row in rows:
        if not row.is_beside_kvm or row.name not in found:
            continue
        own = works(found[row.name].parts)
        for other in rows:
            if other.is_kvm and other.name in found and \
                    (other.vps, other.cpus, other.stress) == \
                    (row.vps, row.cpus, row.stress):
                theirs = works(found[other.name].parts)
                for part in own.keys() & theirs.keys():
                    ratios.setdefault((row.vps, row.cpus, part), {})[
                        other.arm] = rate(own[part]) / rate(theirs[part])
    return ratios


def pairs(rows, found, of_stress=False):
    """{(vps, slice): Pair} of the table's rows and their results, those of
    stress-ng or the others; PAUSE-loop exiting is off in them, and Linux traces
    nothing."""
    arms = {}
    for row in rows:
        if row.pause_exits or row.is_beside_kvm or row.trace or \
                row.stress != of_stress:
            continue
        arms.setdefault((row.vps, row.slice), {})[row.arm] = \
            found.get(row.name)
    return {key: Pair(both.get("hypercall"), both.get("ipi"))
            for key, both in arms.items()}
