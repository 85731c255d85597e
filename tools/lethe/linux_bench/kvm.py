# SPDX-License-Identifier: MIT
"""The same Linux with the same program as a guest of KVM: QEMU in a Linux in
Bochs. That Linux counts 100 million ticks of the TSC as a second, so its timer,
and that of its guest, come ten times as often as on Lethe.
"""

import re
import shlex

from lethe.linux import run as linux_run
from lethe.linux_bench import parse
from lethe.linux_guest import machine

QEMU = "qemu-system-x86_64"
TSC_HZ = linux_run.emulator.LINUX_IPS
FOLDERS = ("/usr/share/seabios", "/usr/share/qemu")  # of Debian's firmware
FIRMWARE = (f"{FOLDERS[0]}/bios-256k.bin", f"{FOLDERS[1]}/linuxboot_dma.bin",
            f"{FOLDERS[1]}/kvmvapic.bin")
STALL = 10  # minutes
MEMORY = 1024  # MiB of the Linux with KVM

# XSAVE: Bochs's leaf is inconsistent
COMMON = f"host,-vmx,-xsave,tsc-frequency={TSC_HZ}"
HYPER_V = "kvm=off,hv-vpindex,hv-frequencies,hv-time"
CPUS = {"kvm-hypercall": f"{COMMON},{HYPER_V},hv-tlbflush",
        "kvm-pv": COMMON,
        "kvm-ipi": f"{COMMON},{HYPER_V}"}
# The line of the guest's log by which it says how it flushes; and one that must
# not be there
SAYS = {"kvm-hypercall": r"Hyper-V: Using hypercall for remote TLB flush",
        "kvm-pv": r"KVM setup pv remote TLB flush",
        "kvm-ipi": r"Hypervisor detected: Microsoft Hyper-V"}
OTHER = {"kvm-ipi": SAYS["kvm-hypercall"]}

SCRIPT = """mount -t debugfs none /sys/kernel/debug
: >serial.txt
: >stats.txt
{{
    {command} >qemu.txt 2>&1
    echo "status $?" >ended
}} &
while [ ! -e ended ]; do
    (cd /sys/kernel/debug/kvm && grep -s . exits halt_exits irq_exits io_exits \
        mmio_exits tlb_flush remote_tlb_flush) >stats.new &&
        mv stats.new stats.txt
    stage "$(tail -n 1 serial.txt | tr -cd ' -~' | cut -c 1-60)"
    sleep 5
done
result console <serial.txt
result stats <stats.txt
cat ended >>qemu.txt
result qemu <qemu.txt
"""
STAT = re.compile(r"^(\w+):(\d+)$", re.MULTILINE)


def command(row):
    words = [QEMU, "-machine", "pc,accel=kvm", "-cpu", CPUS[row.arm],
             *(word for path in FOLDERS for word in ("-L", path)),
             "-smp", str(row.vps), "-m", str(row.memory), "-nodefaults",
             "-vga", "none", "-display", "none", "-nic", "none",
             "-no-reboot", "-serial", "file:serial.txt",
             "-kernel", "/vmlinuz", "-initrd", "/initrd", "-append",
             f"{row.guest().command_line()} noxsave"]
    return shlex.join(words)


def guest(build, row):
    """The linux.run.Guest that runs a row."""
    made = machine.parts(build, row.guest())
    return linux_run.Guest(
        name=f"bench-{row.name}", script=SCRIPT.format(command=command(row)),
        files={"vmlinuz": made.files["vmlinuz"],
               "initrd": made.files["initrd"],
               **{path: path for path in FIRMWARE}},
        programs=(QEMU,), modules=("irqbypass", "kvm", "kvm-intel"),
        cpus=row.cpus, memory=MEMORY, stall=STALL)


def parts(row, files):
    """({part: values}, what is wrong) of the files that a run sent."""
    text = files.get("console", b"").decode(errors="replace")
    text = text.replace("\r", "")
    found = parse.samples(text.splitlines())
    stats = files.get("stats", b"").decode()
    if stats:
        found["kvm"] = {key: int(value) for key, value in STAT.findall(stats)}
    wrong = []
    if not re.search(SAYS[row.arm], text):
        wrong.append(f"expected /{SAYS[row.arm]}/ in the guest's log")
    if row.arm in OTHER and re.search(OTHER[row.arm], text):
        wrong.append(f"expected no /{OTHER[row.arm]}/ in the guest's log")
    plan = f"1..{row.results}"
    if plan not in text.splitlines():
        wrong.append(f"expected the plan {plan}, found " + text[-300:] +
                     files.get("qemu", b"").decode(errors="replace")[-300:])
    return found, wrong
