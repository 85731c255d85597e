# SPDX-License-Identifier: MIT
"""Reads tests/linux*.toml but linux_bench.toml: a row boots a Linux."""

import dataclasses
import re
import tomllib

from lethe.boot_tests import tables
from lethe.linux_guest import kernels
from lethe.project import ROOT

TABLES = (ROOT / "tests/linux.toml", ROOT / "tests/linux_beside.toml",
          ROOT / "tests/linux_sanitize.toml")
FORMATS = ("bzimage", "vmlinux")
TLB = ("zero", "counted", "any")

HYPERVISOR_MEMORY = 192  # MiB, with what the firmware has

# The lines of the log begin without a time, so that TAP is TAP
CMDLINE = ("console=ttyS0 panic=-1 reboot=a nokaslr printk.devkmsg=on "
           "printk.time=0")
# Without these Linux spends more time on tests of itself than on the boot
FAST = ("cryptomgr.notests initcall_blacklist=load_system_certificate_list,"
        "cubictcp_register,init_blk_tracer pci=off 8250.nr_uarts=1")


@dataclasses.dataclass
class Row:
    name: str
    what: str  # a sentence for the report
    kernel: str = "cloud"  # of kernels.KERNELS
    format: str = "bzimage"  # or vmlinux: unpacked, started by PVH
    loader: str = "rom"
    cpus: int = 2
    vps: int = 0  # 0: one for each CPU
    stride: int = 1
    memory: int = 160  # MiB
    tsc_hz: int = 1_000_000_000  # more than Bochs has: timers tick rarely
    privileges: str = "linux"
    guest: str = ""  # more lines of [partition guest]
    # More partitions: their sections of lethe.conf, with @IMAGE@ and @CMDLINE@
    # of the first one; and how each of them ends: {name: "code reason"}
    others: str = ""
    ends: dict = dataclasses.field(default_factory=dict)
    cmdline: str = "mitigations=off"
    jobs: str = "none"
    stress: str = ""  # of the job stress: a command line
    checks: int = 0  # of the job coherence: at least so many
    end: str = "poweroff"
    end_after: int = 0  # ms: it ends while the jobs are at work
    code: int = 0  # of the partition
    reason: str = "sleep"
    plan: bool = True  # the init ended its TAP
    tlb: str = "any"  # the row of /proc/interrupts: zero, counted
    # Codes that Lethe counted, and no other; absent: not compared
    codes: list | None = None
    suspended: int = 0  # calls that an inhibit suspended, at least
    entries: list = dataclasses.field(default_factory=list)  # trace has these
    ticks: int = 0  # TSC when init starts, at most
    exits: int = 0  # of all VPs, at most
    exits_not_io: int = 0
    console: list = dataclasses.field(default_factory=list)
    forbid: list = dataclasses.field(default_factory=list)
    # Of tests/linux_patches.toml: this mistake is made in the kernel, and a
    # finding of one of these kinds has to follow
    patch: str = ""
    finds: list = dataclasses.field(default_factory=list)
    like: str = ""  # tests/expected/NAME.tsv
    short: bool = False  # part of `make linux-test`
    limit: float = 400  # seconds without an end

    @property
    def expected(self):
        return tables.EXPECTED / f"{self.like or self.name}.tsv"

    @property
    def vp_count(self):
        return self.vps or self.cpus

    @property
    def machine_memory(self):
        """MiB of the emulated machine."""
        others = re.findall(r"^memory *= *(\d+)M$", self.others, re.MULTILINE)
        return self.memory + sum(map(int, others)) + HYPERVISOR_MEMORY

    def other_sections(self, image):
        return self.others.replace("@IMAGE@", image).replace(
            "@CMDLINE@", f"{CMDLINE} {FAST}")

    def command_line(self):
        words = [CMDLINE, FAST, self.cmdline, f"test.jobs={self.jobs}",
                 f"test.end={self.end}"]
        if self.end_after:
            words.append(f"test.end-after={self.end_after}")
        if self.stress:
            words.append("test.stress=" + self.stress.replace(" ", ","))
        if self.checks:
            words.append(f"test.checks={self.checks}")
        return " ".join(word for word in words if word)


def check(row):
    for text in (*row.console, *row.forbid, row.reason, *row.ends.values()):
        re.compile(text)
    names = re.findall(r"^\[partition (\S+)\]$", row.others, re.MULTILINE)
    if sorted(names) != sorted(row.ends):
        raise ValueError(f"ends: expected those of {', '.join(names)}, found "
                         f"{', '.join(row.ends)}")
    if bool(row.patch) != bool(row.finds) or (row.patch and
                                              row.format != "vmlinux"):
        raise ValueError("patch: expected finds and format = vmlinux with it")
    for value, allowed, what in ((row.kernel, kernels.KERNELS, "kernel"),
                                 (row.format, FORMATS, "format"),
                                 (row.tlb, TLB, "tlb")):
        if value not in allowed:
            raise ValueError(f"{what}: expected one of {', '.join(allowed)}, "
                             f"found {value}")


def load():
    rows = []
    for path in TABLES:
        for values in tomllib.loads(path.read_text())["linux"]:
            try:
                rows.append(Row(**values))
                check(rows[-1])
            except (TypeError, ValueError, re.error) as error:
                raise SystemExit(f"{path.name}: {values.get('name')}: {error}")
    return rows
