# SPDX-License-Identifier: MIT
"""Reads tests/linux_bench.toml: a row is one boot of Linux that measures."""

import dataclasses
import tomllib

from lethe.linux_bench import kvm
from lethe.linux_guest import table as guest_table
from lethe.project import ROOT

TABLE = ROOT / "tests/linux_bench.toml"
ARMS = {"hypercall": "linux", "ipi": "linux -flush"}  # the key `privileges`
# 297: ERMS. With it Linux clears and copies pages by REP STOSB and REP MOVSB,
# and in Bochs each byte is a tick
CMDLINE = ("mitigations=off clearcpuid=297 test.trace=no test.ticks={ticks} "
           "test.times={times}")
JOBS = "flusher,munmap"
# Its threads share an address space, and free what the next one maps
STRESS = ("/bin/stress-ng --temp-path /tmp --malloc 1 --malloc-pthreads "
          "{others} --malloc-thresh 4096 --malloc-bytes 64K --malloc-max 64 "
          "--malloc-touch --malloc-ops 4000")
HZ = 1_000_000_000
TRACER = "/bin/where"  # guest-test/linux/where.c
# With memory control groups each event of the lock takes a lock of its own
TRACED = " cgroup_disable=memory"


@dataclasses.dataclass
class Row:
    """`ticks`: how long the flusher works; `times`: how often each thread
    unmaps; `tsc_hz`: ticks that the partition takes for a second; on KVM it is
    always that of kvm.py."""

    name: str
    arm: str  # of ARMS, or of kvm.CPUS
    cpus: int = 2
    vps: int = 2
    slice: str = "5ms"
    ticks: int = 200_000_000
    times: int = 400
    sizes: str = "1,16,16r,4096"
    pause_exits: bool = False  # Lethe's default is true
    tsc_hz: int = HZ
    stress: bool = False  # stress-ng instead of the other jobs
    trace: bool = False  # Linux traces munmaps: no bar is of such a row
    memory: int = 256  # MiB
    limit: float = 3000  # seconds without an end

    @property
    def is_kvm(self):
        return self.arm in kvm.CPUS

    @property
    def is_beside_kvm(self):
        """Whether this is for whole runs beside those on KVM."""
        return not self.is_kvm and self.tsc_hz == kvm.TSC_HZ

    @property
    def program(self):
        """The command line that is run instead of the jobs, or nothing."""
        if self.trace:
            return f"{TRACER} {self.times}"
        return STRESS.format(others=self.vps - 1) if self.stress else ""

    @property
    def results(self):
        """How many results the program gives: munmap two for each size, the
        flusher two and the unmapper one."""
        return 1 if self.stress else 3 + 2 * len(self.sizes.split(","))

    def guest(self):
        """The row of tests/linux.toml's kind that boots this."""
        return guest_table.Row(
            name=self.name, what="", cpus=self.cpus, vps=self.vps,
            memory=self.memory, privileges=ARMS.get(self.arm, ""),
            guest=f"slice = {self.slice}\npause-exits = "
            f"{'yes' if self.pause_exits else 'no'}",
            jobs="stress" if self.program else JOBS, stress=self.program,
            limit=self.limit, tsc_hz=self.tsc_hz,
            cmdline=CMDLINE.format(ticks=self.ticks, times=self.times) +
            (TRACED if self.trace else f" test.sizes={self.sizes}"))


def load():
    rows = []
    for values in tomllib.loads(TABLE.read_text())["bench"]:
        try:
            row = Row(**values)
            if row.arm not in (*ARMS, *kvm.CPUS):
                raise ValueError(f"arm: expected one of {', '.join(ARMS)}, "
                                 f"{', '.join(kvm.CPUS)}, found {row.arm}")
            rows.append(row)
        except (TypeError, ValueError) as error:
            raise SystemExit(f"linux_bench.toml: {values.get('name')}: {error}")
    return rows
