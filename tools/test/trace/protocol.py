# SPDX-License-Identifier: MIT
"""What the records of an inhibit, a suspension and a repeated call must say,
whatever the order of the CPUs. Written from docs/concurrency.md, section 5, and
TLFS v6.0b, "Restrictions on TLB Flushes", not from the code.

CPUs write their records on their own, each after what it tells of. So of an
inhibit two spans are known: it surely holds from the record that it is set to
the VM exit of the call that ends it, and it can hold from the VM exit of the
call that sets it to the record that it has ended.
"""

import bisect
import dataclasses

FLUSHES = {0x0002: "space", 0x0003: "list", 0x0013: "space_ex",
           0x0014: "list_ex"}
SET_REGISTERS, TRANSLATE = 0x0051, 0x0052
RING = 2048
BESIDE = 500  # ticks: two CPUs' records of one moment
DONE = "SUCCESS"


def code_of(record):
    """The call code of a VMCALL's exit, else None."""
    if record.event == "exit" and record["reason"] == "VMCALL":
        return record["info"] & 0xffff
    return None


def end_of(record):
    """When the handler of an exit ended; None if it is not known."""
    return None if record["ticks"] is None else record.tsc + record["ticks"]


def complete(records):
    """The records from when on no ring has lost one; `trace off` has stopped
    all rings at the same time."""
    rings = {}
    for record in records:
        rings.setdefault(record.cpu, []).append(record.tsc)
    begin = max((min(ring) for ring in rings.values() if len(ring) >= RING - 1),
                default=0)
    return [record for record in records if record.tsc >= begin]


@dataclasses.dataclass
class Span:
    """An inhibit of `target`"""

    target: str
    can_begin: int
    surely_begins: int
    surely_ends: int
    can_end: int

    def can_hold(self, tsc):
        return self.can_begin <= tsc <= self.can_end

    def surely_holds(self, tsc):
        return self.surely_begins < tsc < self.surely_ends


class Run:
    """The records of a run, and what is known of its inhibits."""

    def __init__(self, records):
        self.records = records
        self.last = records[-1].tsc if records else 0
        self.by_cpu, self.by_vp = {}, {}
        for record in records:
            self.by_cpu.setdefault(record.cpu, []).append(record)
            self.by_vp.setdefault(record.vp, []).append(record)
        self.spans = list(self.find_spans())

    def last_exit(self, record):
        """The last exit on the record's CPU up to it, or None"""
        found = None
        for one in self.by_cpu[record.cpu]:
            if one.tsc > record.tsc:
                break
            found = one if one.event == "exit" else found
        return found

    def ends_surely(self, begin, target):
        """The first exit after which the target may no longer be inhibited: of
        a call that sets registers, unless it ended another VP's inhibit."""
        for record in self.records:
            code = code_of(record)
            end = end_of(record) if code is not None else None
            if code != SET_REGISTERS or (end or self.last) < begin:
                continue
            cleared = {one["target"] for one in self.by_cpu[record.cpu]
                       if one.event == "inhibit_clear" and
                       record.tsc < one.tsc <= (end or self.last)}
            if not cleared or target in cleared:
                return record.tsc
        return self.last

    def find_spans(self):
        open_spans = {}
        for record in self.records:
            if record.event == "inhibit_set":
                target = record["target"]
                by = self.last_exit(record)
                if target not in open_spans:
                    open_spans[target] = Span(
                        target, by.tsc if by else 0, record.tsc,
                        self.ends_surely(record.tsc, target), self.last)
            elif record.event == "inhibit_clear":
                by = self.last_exit(record)
                span = open_spans.pop(record["target"], None) or Span(
                    record["target"], 0, 0, 0, 0)
                span.can_end = record.tsc
                span.surely_ends = min(span.surely_ends,
                                       by.tsc if by else span.surely_ends)
                yield span
        yield from open_spans.values()

    def any_ended(self, after, until):
        """Whether an inhibit, whoever's, ended in that time"""
        return any(record.event == "inhibit_clear" and
                   after < record.tsc <= until for record in self.records)

    def can_be_inhibited(self, target, tsc):
        """A translation counts as an inhibit while it goes on."""
        return any(span.target == target and span.can_hold(tsc)
                   for span in self.spans) or any(
            code_of(record) == TRANSLATE and
            record.tsc <= tsc <= (end_of(record) or self.last)
            for record in self.records)


def kicked_by(run, call):
    """The kicks of a flush call, which its CPU makes before it ends."""
    return [record for record in run.by_cpu[call.cpu]
            if record.event == "kick" and not record["posted"] and
            call.tsc < record.tsc <= call.tsc + call["ticks"]]


class Caller:
    """One VP, from record to record: what it does next must follow from what it
    did last."""

    def __init__(self, run, name):
        self.run = run
        self.name = name
        self.state = "runs"
        self.call = None  # the last exit
        self.waits = None  # the call that is suspended
        self.since = None  # the record `suspend`
        self.found = []
        self.count = dict.fromkeys(("suspend", "wake", "reissue", "again",
                                    "forgotten"), 0)

    def wrong(self, record, text):
        self.found.append(f"{record.tsc} {self.name}: {text}")

    def go(self):
        for record in self.run.by_vp[self.name]:
            step = self.STEPS.get(record.event)
            if step:
                step(self, record)
        if self.state not in ("runs", "stopped"):
            self.wrong(self.run.records[-1],
                       f"the trace ends while it is {self.state}")
        return self.found

    def exit(self, record):
        if self.state in ("suspended", "woken"):
            self.wrong(record, f"executes while it is {self.state}")
        if self.call is not None and self.state == "runs" and \
                code_of(self.call) in FLUSHES and self.call["status"] is None:
            # the inhibit may have ended before the VP slept
            end = end_of(self.call) or record.tsc
            if not self.run.any_ended(self.call.tsc, end + BESIDE):
                self.wrong(record, "goes on after a call that has not ended")
            self.state, self.waits = "reissued", self.call
        self.call = record
        if self.state in ("reissued", "interrupted") and \
                code_of(record) is not None:
            if record["info"] == self.waits["info"]:
                self.state = "runs"
                self.count["again"] += 1
            elif self.state == "reissued":
                self.wrong(record, "makes another call than the one that was "
                           f"suspended: {record['info']:#x}, not "
                           f"{self.waits['info']:#x}")
                self.state = "runs"

    def suspend(self, record):
        if self.state != "runs":
            self.wrong(record, f"is suspended while it is {self.state}")
        if self.call is None or code_of(self.call) not in FLUSHES or \
                self.call["status"] is not None:
            self.wrong(record, "is suspended outside of a flush call, or in "
                       "one that ended")
        if not self.run.can_be_inhibited(record["target"], record.tsc):
            self.wrong(record, f"waits for {record['target']}, which is not "
                       "inhibited")
        self.state, self.waits, self.since = "suspended", self.call, record
        self.count["suspend"] += 1

    def wake(self, record):
        if self.state != "suspended":
            self.wrong(record, f"is woken while it {self.state}")
            return
        if not self.run.any_ended(self.waits.tsc, record.tsc):
            self.wrong(record, "is woken although no inhibit has ended")
        if abs(record["ticks"] - (record.tsc - self.since.tsc)) > BESIDE:
            self.wrong(record, f"was suspended {record.tsc - self.since.tsc} "
                       f"ticks, not {record['ticks']}")
        self.state = "woken"
        self.count["wake"] += 1

    def reissue(self, record):
        if self.state != "woken":
            self.wrong(record, f"calls again while it is {self.state}")
            return
        self.state = "interrupted" if record["event"] else "reissued"
        self.count["reissue"] += 1

    def forget(self, state):
        self.count["forgotten"] += self.state != "runs"
        self.state, self.call = state, None

    def state_changed(self, record):
        if record["to"] == "wait-sipi":
            self.forget("runs")
        elif record["to"] == "stopped":
            self.forget("stopped")

    STEPS = {"exit": exit, "suspend": suspend, "wake": wake,
             "reissue": reissue, "state": state_changed}


def is_own(run, drained):
    """Whether the VP itself has flushed its translations, by a write of a
    control register, or INIT or SIPI have. The records from its last exit to
    its next one tell."""
    own = run.by_vp[drained.vp]
    at = own.index(drained)
    while at > 0 and own[at].event != "exit":
        at -= 1
    after = next((place for place in range(at + 1, len(own))
                  if own[place].event == "exit"), len(own))
    return own[at].fields.get("reason") == "CR_ACCESS" or any(
        record.event == "state" and "wait-sipi" in (record["to"],
                                                    record["from"])
        for record in own[at:after])


def flushes_nothing(run):
    """Complaints about work that reached a target while it was inhibited. What
    was queued before is executed at the target's next entry at the latest."""
    for span in run.spans:
        exits = [record.tsc for record in run.by_vp.get(span.target, ())
                 if record.event == "exit"]
        for record in run.by_vp.get(span.target, ()):
            if record.event == "drained" and span.surely_holds(record.tsc):
                last = bisect.bisect(exits, record.tsc) - 1
                if last >= 0 and exits[last] > span.surely_begins and \
                        not is_own(run, record):
                    yield (f"{record.tsc} {span.target}: executes a flush "
                           "while it is inhibited")


def is_answered(run, call, kick):
    """Whether the kicked VP executes the work before it runs again."""
    number = kick["run"] & 0xfff
    for record in run.by_vp.get(f"guest:{number}", ()):
        if record.tsc < kick.tsc - BESIDE:
            continue
        if record.event == "drained":
            return True
        if record.event == "exit" and record.tsc > kick.tsc + BESIDE:
            return False
    return run.last < end_of(call) + 10 * BESIDE


def calls_that_ended(run):
    """Complaints about flush calls that ended: each target that they kick
    executes the work, and none of them was inhibited all the time."""
    for call in run.records:
        if code_of(call) not in FLUSHES or call["status"] != DONE or \
                call["ticks"] is None:
            continue
        for kick in kicked_by(run, call):
            if not is_answered(run, call, kick):
                yield (f"{kick.tsc} {call.vp}: kicks a VP that does not "
                       "execute the work")
            for span in run.spans:
                number = int(span.target.rpartition(":")[2])
                if kick["targets"] >> number & 1 and \
                        span.surely_holds(call.tsc) and \
                        span.surely_holds(end_of(call)):
                    yield (f"{call.tsc} {call.vp}: its flush of {span.target} "
                           "ends, which is inhibited")


def complaints(records):
    """What is wrong with the records of one partition."""
    run = Run(records)
    names = [name for name in sorted(run.by_vp) if ":" in name]
    return [*(text for name in names for text in Caller(run, name).go()),
            *flushes_nothing(run), *calls_that_ended(run)]


def number(vp):
    return vp.rpartition(":")[2]


def cause(run, drained):
    """The number of the VP whose flush call put the work: the last that began
    before"""
    found = [number(record.vp) for record in run.records
             if record.tsc < drained.tsc and code_of(record) in FLUSHES]
    return found[-1] if found else "0"


def story(records):
    """The records of inhibits and of the calls that wait for them, as lines.
    VP 0 begins and ends each check by a flush of everything, which is left
    out."""
    run = Run(records)
    lines = []
    for record in records:
        vp = number(record.vp)
        if record.event in ("inhibit_set", "inhibit_clear"):
            word = {"inhibit_set": "inhibits", "inhibit_clear": "frees"}
            lines.append(f"{vp} {word[record.event]} "
                         f"{number(record['target'])}")
        elif record.event == "suspend":
            lines.append(f"{vp} waits for {number(record['target'])}")
        elif record.event == "wake":
            lines.append(f"{vp} wakes")
        elif record.event == "reissue":
            first = ", after an event" if record["event"] else ""
            lines.append(f"{vp} repeats{first}")
        elif record.event == "state" and record["to"] == "wait-sipi":
            lines.append(f"{vp} gets INIT")
        elif code_of(record) in FLUSHES and vp != "0":
            lines.append(f"{vp} {FLUSHES[code_of(record)]}: "
                         f"{record['status'] or 'not yet'}")
        elif record.event == "drained" and cause(run, record) != "0" and \
                not is_own(run, record):
            lines.append(f"{vp} is flushed")
    return lines
