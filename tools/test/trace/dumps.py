# SPDX-License-Identifier: MIT
"""What the tests of lethe-trace share: dumps, made by the hypervisor's own
encoder, and the program, built with the sanitizers."""

import subprocess

LIMIT = 120
COMPLETE, INCOMPLETE, FAILED = 0, 1, 2
START = 0x1000
BEGIN = f"begin 989680 {START:x} 99999 4 deadbeef guest 0 4 1 other 1 2 40"
NO_VP = 0xffff
NOT_YET = 0xffffffff
EXIT, KICK, FLUSH, WAITED, DRAINED = range(1, 6)
SUSPEND, WAKE, MARK = 8, 9, 17
GUEST_MODE = 1 << 17
RAW = 200  # an event without a name: its words are shown as they are
FORMATS = ("summary", "text", "jsonl", "chrome", "svg-call", "svg-histogram")


def exit_of(tsc, cpu, vp, reason, info=0, status=NOT_YET, ticks=NOT_YET):
    return (cpu, tsc, EXIT, 0, vp, reason << 16, info, ticks << 32 | status)


# VP 0 flushes one range on VP 1, whose CPU it kicks; then a call of which the
# end is not known, and an exit of a VP of the other partition
SCENE = (
    exit_of(0x1100, 0, 0, 18, 0x1_0000_0003, 0, 340),
    (0, 0x1120, KICK, 0, 0, 1, GUEST_MODE | 1, 3),
    (0, 0x1200, WAITED, 0, 0, 1, GUEST_MODE | 1, 96),
    exit_of(0x2000, 0, 0, 18, 0x1_0002),
    (0, 0x2010, SUSPEND, 0, 0, 1, 0, 0),
    (0, 0x2800, WAKE, 0, 0, 0, 0, 0x7f0),
    (0, 0x3000, MARK, 0, NO_VP, 7, 0, 0),
    exit_of(0x1130, 1, 1, 0, 0, NOT_YET, 512),
    (1, 0x1150, DRAINED, 0, 1, 1 << 16, 1, 0x7f0001),
    exit_of(0x3100, 2, 0x1040, 12, 0, NOT_YET, 90),
)
NOISE = (b"[0] guest: stopped code=0\n", b"guest| ok 1 - flush/list\n",
         b"\xff\x00~LT", b"~~~LT\n", b"\r\n")
TEXT = """\
# us: since start, since the last record, since a mark; CPU; VP; event
         25.600               -               -   0 guest:0    exit slot=0 \
reason=VMCALL info=HvCallFlushVirtualAddressList reps=1 start=0 (0x100000003) \
status=SUCCESS ticks=340 call=1
         28.800           3.200               -   0 guest:0    kick cpu=1 \
run=guest:1 guest targets=0x3 call=1
         30.400           1.600               -   1 guest:1    exit slot=0 \
reason=EXCEPTION_NMI ticks=512
         33.600           3.200               -   1 guest:1    drained \
words=1 invvpids=1 first=0x7f0000+1
         51.200          17.600               -   0 guest:0    waited cpu=1 \
run=guest:1 guest ticks=96 call=1
        409.600         358.400               -   0 guest:0    exit slot=0 \
reason=VMCALL info=HvCallFlushVirtualAddressSpace fast reps=0 start=0 \
(0x10002) status=not-ended call=2
        411.200           1.600               -   0 guest:0    suspend \
target=guest:1 call=2
        614.400         203.200               -   0 guest:0    wake \
ticks=2032 call=2
        819.200         204.800           0.000   0 -          mark number=7
        844.800          25.600          25.600   2 other:64   exit slot=0 \
reason=HLT ticks=90
"""


class Tool:
    def __init__(self, build):
        self.build = build
        build.require(build.lethe_trace, build.lethe_trace_checked,
                      build.trace_encoder)

    def encode(self, records, lost=0, stream=0xabcd, begin=BEGIN):
        """The lines of a dump, from the hypervisor's own encoder."""
        rows = "".join("record " + " ".join(f"{word:x}" for word in record)
                       + "\n" for record in records)
        text = f"stream {stream:x}\n{begin}\n{rows}end {lost:x}\n"
        return subprocess.run([self.build.trace_encoder], check=True,
                              input=text.encode(), timeout=LIMIT,
                              stdout=subprocess.PIPE).stdout

    def run(self, *words, log=b""):
        """(status, stdout, stderr)"""
        done = subprocess.run([self.build.lethe_trace_checked, *words],
                              input=log, capture_output=True, check=False,
                              timeout=LIMIT)
        return (done.returncode, done.stdout.decode(),
                done.stderr.decode(errors="replace"))

    def good(self, *words, log):
        status, out, err = self.run(*words, log=log)
        assert (status, err) == (COMPLETE, "")
        return out


def draw_records(draw, count, event=None):
    """Records of four CPUs, with numbers of all sizes; each CPU's in the order
    of time, the CPUs in blocks."""
    found = []
    tsc = START + draw.getrandbits(20)
    for number in range(count):
        tsc += draw.getrandbits(draw.randrange(1, 14))
        found.append((number * 4 // count, tsc, event or draw.randrange(22),
                      draw.getrandbits(8),
                      draw.choice((0, 1, 0x1040, NO_VP, draw.getrandbits(16))),
                      draw.getrandbits(draw.randrange(33)),
                      draw.getrandbits(draw.randrange(65)),
                      draw.getrandbits(draw.randrange(65))))
    return found


def with_noise(draw, dump):
    lines = dump.splitlines(keepends=True)
    return b"".join(draw.choice(NOISE) * draw.randrange(3) + line
                    for line in lines) + b"[0] exit code=0"
