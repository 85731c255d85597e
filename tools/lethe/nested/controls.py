# SPDX-License-Identifier: MIT
"""The runs of `make nested-full`. In each, QEMU switches one VMX control off:
one that Lethe requires, or one for which it has a fall-back.

Without a required control, Lethe must refuse with the text that its row has
after QEMU's flag (as in hv/common/platform/caps.c). Without an optional one,
the guest's suites must pass.
"""

from lethe.boot_tests import tables

REQUIRED = {
    "vmx-intr-exit": "external-interrupt exiting",
    "vmx-nmi-exit": "NMI exiting",
    "vmx-vnmi": "virtual NMIs",
    "vmx-preemption-timer": "VMX-preemption timer",
    "vmx-vintr-pending": "interrupt-window exiting",
    "vmx-hlt-exit": "HLT exiting",
    "vmx-mwait-exit": "MWAIT exiting",
    "vmx-rdpmc-exit": "RDPMC exiting",
    "vmx-cr8-load-exit": "CR8-load exiting",
    "vmx-cr8-store-exit": "CR8-store exiting",
    "vmx-vnmi-pending": "NMI-window exiting",
    "vmx-io-exit": "unconditional I/O exiting",
    "vmx-msr-bitmap": "MSR bitmaps",
    "vmx-monitor-exit": "MONITOR exiting",
    "vmx-secondary-ctls": "secondary controls",
    "vmx-cr3-load-noexit": "CR3-load exiting that may be off",
    "vmx-cr3-store-noexit": "CR3-store exiting that may be off",
    "vmx-ept": "EPT",
    "vmx-rdtscp-exit": "enable RDTSCP",
    "vmx-vpid": "VPID",
    "vmx-unrestricted-guest": "unrestricted guest",
    "vmx-exit-ack-intr": "acknowledge interrupt on exit",
    "vmx-exit-save-pat": "save PAT on exit",
    "vmx-exit-load-pat": "load PAT on exit",
    "vmx-exit-save-efer": "save EFER on exit",
    "vmx-exit-load-efer": "load EFER on exit",
    "vmx-entry-ia32e-mode": "entry to an IA-32e mode guest",
    "vmx-entry-load-pat": "load PAT on entry",
    "vmx-entry-load-efer": "load EFER on entry",
    "vmx-true-ctls": "TRUE control capabilities",
    "vmx-store-lma": "EFER.LMA saved on exit",
    "vmx-page-walk-4": "EPT with 4 levels",
    "vmx-ept-2mb": "EPT with 2 MiB pages",
    "vmx-invept": "INVEPT",
    "vmx-invvpid": "INVVPID",
}

# Two flags that are switched off together, because Lethe needs only one of the
# two. QEMU has one flag for INVEPT and INVVPID single-context (bits 25 and 41).
EITHER = {
    "vmx-invept-single-context,-vmx-invept-all-context":
        "INVEPT single-context or all-context",
    "vmx-invept-single-context,-vmx-invvpid-all-context":
        "INVVPID single-context or all-context",
}

# docs/vmx.md says how Lethe replaces each. After the flag: the INVVPID types
# that are left, for the suite `counts`.
OPTIONAL = {
    "vmx-invvpid-single-addr": "123",
    "vmx-invvpid-all-context": "013",
    "vmx-invept-single-context": "023",
    "vmx-invept-single-context-noglobals": "012",
    "vmx-invept-all-context": "0123",
    "vmx-exit-nosave-debugctl,-vmx-entry-noload-debugctl": "0123",
    "vmx-exit-save-preemption-timer": "0123",
    "vmx-ept-1gb": "0123",
    "vmx-eptad": "0123",
    "vmx-ept-execonly": "0123",
    "vmx-activity-hlt": "0123",
    "vmx-zero-len-inject": "0123",
    "vmx-vmwrite-vmexit-fields": "0123",
}

REFUSED = r"BdsDxe: failed to start .*Unsupported"
SUITES = "boot,calls,flush,counts"
COMMON = {"loader": "nested", "memory": 256, "limit": 100}


def short(flags):
    return flags.split(",", maxsplit=1)[0].removeprefix("vmx-")


def refusals():
    for flags, text in {**REQUIRED, **EITHER}.items():
        name = f"full-no-{short(flags)}"
        if flags in EITHER:
            name += "-" + text.split(maxsplit=1)[0].lower()
        yield tables.Test(
            name=name, cpu=f"host,-{flags}", cmdline="suite=boot cpus=@CPUS@",
            cpus=1, stop=REFUSED, console=[f"cpu 0: missing: {text}$"],
            forbid=["leaving boot services"], **COMMON)


def fallbacks():
    for flags, types in OPTIONAL.items():
        yield tables.Test(
            name=f"full-without-{short(flags)}", cpu=f"host,-{flags}",
            cpus=2,
            cmdline=f"suite={SUITES} cpus=@CPUS@ invvpid={types} "
            "skip=if0,ticks rounds=4 watchdog=6000000000", exit=0,
            reason="debug-exit",
            console=[r"# SUMMARY passed=\d+ failed=0 "], **COMMON)


def load():
    return [*refusals(), *fallbacks()]
