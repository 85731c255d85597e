# SPDX-License-Identifier: MIT
"""Shows Lethe's state in gdb: from a core file of `make debug-image`, or live.

    gdb -x tools/lethe/debug/gdb_lethe.py build/hv/lethe.elf FILE

The command `lethe` prints all of it: each CPU, its run word and its place in
the code; each partition; each VP with its guest's RIP, the flush work that
waits for it, its inhibit, and the copies of VMCS fields that the hypervisor
keeps.
`help lethe` lists the parts. $cpu(N), $partition(P) and $vp(P, N) are pointers
for expressions: print $vp(0, 1)->shared.queue. This file runs inside gdb, and
imports nothing of the project.
"""

import pathlib
import re

import gdb

ROOT = pathlib.Path(__file__).resolve().parents[3]
MACRO = re.compile(r"^#define (\w+)\s+(?:BIT\((\d+)\)|GENMASK\((\d+), (\d+)\))",
                   re.MULTILINE)
DIRECT_MAP = 0xFFFF800000000000
UPPER_HALF = 1 << 63
PAGE_LOW = 0xFFF

# The layout of a VMCS in memory in Bochs: its revision, the offset of fields
BOCHS_REVISION = 0x2B
BOCHS_FIELDS = 0x10
GUEST_CR3, GUEST_RSP, GUEST_RIP, GUEST_RFLAGS = 0x6802, 0x681C, 0x681E, 0x6820
EXIT_REASON, EXIT_QUALIFICATION = 0x4402, 0x6400


def macros(*files):
    """{name: (lowest bit, mask)} of the BIT and GENMASK macros of headers."""
    found = {}
    for path in files:
        for name, bit, high, low in MACRO.findall((ROOT / path).read_text()):
            low, high = (int(bit),) * 2 if bit else (int(low), int(high))
            found[name] = low, ((2 << high) - 1) & ~((1 << low) - 1)
    return found


BITS = macros("hv/core/state/vp.h", "hv/core/state/cpu.h",
              "hv/core/flush/inhibit.h")


def field(name, word):
    low, mask = BITS[name]
    return (word & mask) >> low


def names(prefix, word):
    """The names of the bits that are set in a word, `-` without one."""
    found = [name.removeprefix(prefix) for name in BITS
             if name.startswith(prefix) and field(name, word)]
    return "|".join(found) or "-"


def machine():
    return gdb.lookup_global_symbol("machine").value()


def cpus():
    return [machine()["cpus"][n] for n in range(int(machine()["cpu_count"]))]


def partitions():
    count = int(machine()["partition_count"])
    return [machine()["partitions"][n] for n in range(count)]


def vps(partition):
    return [partition["vps"][n] for n in range(int(partition["vp_count"]))]


def text(array):
    """A C string in an array of a fixed size."""
    return array.string(errors="replace").partition("\0")[0]


def title(vp):
    """`NAME/N` of a VP; `-` of no VP."""
    if not int(vp):
        return "-"
    return f"{text(vp['partition']['config']['name'])}/{int(vp['number'])}"


def place(address, is_known=True):
    """An address and the function that it is in."""
    said = gdb.execute(f"info symbol {address:#x}", to_string=True)
    where = said.partition(" in section")[0].strip()
    known = is_known and not said.startswith("No symbol")
    return f"{address:#x}" + (f" ({where.replace(' + ', '+')})"
                              if known else "")


def registers(number):
    """{rip, rsp, rflags} of a CPU where the machine stopped, None if they are
    not in the file."""
    for thread in gdb.selected_inferior().threads():
        if thread.num == number + 1:  # QEMU and core.py count from 1
            thread.switch()
            frame = gdb.newest_frame()
            return {name: int(frame.read_register(real)) % (1 << 64)
                    for name, real in (("rip", "rip"), ("rsp", "rsp"),
                                       ("rflags", "eflags"))}
    return None


class Vmcs:
    """A VP's VMCS in memory; read() knows only the layout of Bochs."""

    def __init__(self, hpa):
        data = gdb.selected_inferior().read_memory(DIRECT_MAP + hpa, 4096)
        self.data = bytes(data)
        revision = int.from_bytes(self.data[:4], "little")
        self.is_known = revision == BOCHS_REVISION

    def read(self, encoding):
        kind = (encoding >> 13 & 3) << 2 | encoding >> 10 & 3
        at = BOCHS_FIELDS + (kind * 64 + (encoding & 0x3FF)) * 4
        size = 4 if encoding >> 13 & 3 == 2 else 8
        return int.from_bytes(self.data[at:at + size], "little")


def guest_lines(vp):
    """Where the guest is: in the CPU's registers while it runs, else in the
    VMCS."""
    cpu = vp["cpu"]
    vmcs = Vmcs(int(vp["vmcs"]["v"]))
    now = registers(int(cpu["number"]))
    image = text(vp["partition"]["config"]["image"])
    is_known = image.rpartition("/")[2] == "guest.elf"  # our test guest
    runs = int(cpu["vp"]) == int(vp) and field("RUN_GUEST", int(cpu["run"]))
    if runs and now and now["rip"] < UPPER_HALF:
        yield (f"guest: rip={place(now['rip'], is_known)} "
               f"rsp={now['rsp']:#x} rflags={now['rflags']:#x} (runs)")
    elif vmcs.is_known:
        yield (f"guest: rip={place(vmcs.read(GUEST_RIP), is_known)} "
               f"rsp={vmcs.read(GUEST_RSP):#x} "
               f"rflags={vmcs.read(GUEST_RFLAGS):#x} "
               f"cr3={vmcs.read(GUEST_CR3):#x} "
               f"exit-reason={vmcs.read(EXIT_REASON):#x} "
               f"qualification={vmcs.read(EXIT_QUALIFICATION):#x} (VMCS)")
    else:
        yield "guest: its registers are in a VMCS of an unknown layout"


def work_lines(vp):
    """The flush work that waits for a VP."""
    bit = int(vp["bank_bit"])
    queue = vp["shared"]["queue"]
    count = int(queue["count"])
    full = bool(int(vp["flush_full"].dereference()) & bit)
    non_global = bool(int(vp["flush_nonglobal"].dereference()) & bit)
    yield (f"work: full={int(full)} non-global={int(non_global)} "
           f"ranges={count} lock={int(queue['lock']['next'])}/"
           f"{int(queue['lock']['serving'])}")
    for n in range(count):
        word = int(queue["ranges"][n])
        yield (f"  range {n}: gva={word & ~PAGE_LOW:#x} "
               f"pages={(word & PAGE_LOW) + 1}")


def inhibit_lines(vp):
    word = int(vp["shared"]["inhibit"])
    owners = field("INHIBIT_OWNERS", word)
    yield (f"inhibit: flag={field('INHIBIT_FLAG', word)} "
           f"translations={field('INHIBIT_COUNT', word)} "
           f"owners={owners:#x} waits-for={title(vp['own']['waits_for'])}")


def vmcs_lines(vp):
    """The copies of VMCS fields, and the registers published for other CPUs."""
    own = vp["own"]
    regs = own["published"]
    yield (f"vmcs copies: entry-event={int(own['entry_event']):#x} "
           f"proc-controls={int(own['proc_controls']):#x} "
           f"deadline={int(own['deadline']):#x} "
           f"timer-field={int(own['timer_field'])}")
    yield (f"published: seq={int(own['published_seq'])} "
           + " ".join(f"{name}={int(regs[name]):#x}"
                      for name in ("cr0", "cr3", "cr4", "efer", "rflags")))


def vp_line(vp):
    return (f"vp {title(vp)}: cpu={int(vp['cpu']['number'])} "
            f"index={int(vp['index'])} vpid={int(vp['vpid'])} "
            f"state={str(vp['own']['state']).removeprefix('VP_')} "
            f"events={names('VP_EVENT_', int(vp['shared']['events']))} "
            f"exits={int(vp['own']['exit_count'])}")


def cpu_lines(cpu):
    word = int(cpu["run"])
    mode = ("guest" if field("RUN_GUEST", word) else
            "idle" if field("RUN_IDLE", word) else "root")
    # The mode is the lowest bit of the sequence
    low, _ = BITS["RUN_GUEST"]
    yield (f"cpu {int(cpu['number'])}: run={word:#x} mode={mode} "
           f"partition={field('RUN_PARTITION', word)} "
           f"vp={field('RUN_VP_INDEX', word)} seq={word >> low}")
    now = registers(int(cpu["number"]))
    if now:
        yield f"  rip={place(now['rip'], now['rip'] >= UPPER_HALF)}"
    flush = int(cpu["flush_seq"])
    state = "under way" if flush & 1 else "none"
    yield (f"  current={title(cpu['vp'])} vps={int(cpu['vp_count'])} "
           f"turn={int(cpu['turn'])} attention={int(cpu['attention'])} "
           f"kicked={int(cpu['kicked'])} flush_seq={flush} flush={state}")


def partition_lines(partition):
    suspended = partition["suspended"]
    bits = [f"{int(suspended['words'][bank]):#x}" for bank in range(64)
            if int(suspended["banks"]) >> bank & 1]
    config = partition["config"]
    yield (f"partition {int(partition['number'])}: "
           f"name={text(config['name'])} image={text(config['image'])} "
           f"vps={int(partition['vp_count'])} "
           f"running={int(partition['vps_running'])} "
           f"inhibits={int(partition['inhibit_count'])} "
           f"suspended={','.join(bits)} "
           f"eptp={int(partition['ept']['eptp']):#x} "
           f"state={str(partition['state']).removeprefix('PARTITION_')}")


def every_vp(*makers):
    for partition in partitions():
        for vp in vps(partition):
            print(vp_line(vp))
            for maker in makers:
                for line in maker(vp):
                    print(f"  {line}")


class Part(gdb.Command):
    """One part of what `lethe` prints."""

    def __init__(self, name, doc, function):
        self.__doc__ = doc
        self.function = function
        super().__init__(name, gdb.COMMAND_DATA, gdb.COMPLETE_NONE,
                         name == "lethe")

    def invoke(self, argument, from_tty):
        thread = gdb.selected_thread()
        try:
            self.function(*gdb.string_to_argv(argument))
        except (TypeError, ValueError, IndexError) as error:
            raise gdb.GdbError(f"lethe: {error}; `help lethe` has the "
                               "commands") from None
        finally:
            if thread is not None:
                thread.switch()


def show_cpus():
    for cpu in cpus():
        print("\n".join(cpu_lines(cpu)))


def show_partitions():
    for partition in partitions():
        print("\n".join(partition_lines(partition)))


def show_all():
    show_cpus()
    show_partitions()
    every_vp(guest_lines, work_lines, inhibit_lines, vmcs_lines)


def find_vp(partition, number):
    return vps(partitions()[int(partition)])[int(number)]


def show_vp(partition, number):
    vp = find_vp(partition, number)
    print(vp_line(vp))
    print(vp.dereference().format_string(
        format="x", pretty_structs=True, repeat_threshold=4))


class Pointer(gdb.Function):
    """A function that returns a pointer, for gdb's expressions."""

    def __init__(self, name, function):
        self.function = function
        super().__init__(name)

    def invoke(self, *numbers):
        try:
            return self.function(*map(int, numbers))
        except IndexError:
            raise gdb.GdbError("lethe: expected the number of a CPU, partition "
                               "or VP, found none of that number; `lethe` "
                               "lists them") from None


Part("lethe", "Print all of Lethe's state, or one part.", show_all)
Part("lethe cpus", "Print each CPU: its run word and its place in the code.",
     show_cpus)
Part("lethe partitions", "Print each partition.", show_partitions)
Part("lethe vps", "Print each VP, and the RIP of its guest.",
     lambda: every_vp(guest_lines))
Part("lethe queues", "Print each VP, its inhibit, its flush work.",
     lambda: every_vp(work_lines, inhibit_lines))
Part("lethe vmcs", "Print each VP, copies of VMCS fields, published registers.",
     lambda: every_vp(vmcs_lines))
Part("lethe vp", "lethe vp P N: print the struct vp of VP N of partition P.",
     show_vp)
Pointer("cpu", lambda number: cpus()[number])
Pointer("partition", lambda number: partitions()[number])
Pointer("vp", find_vp)
