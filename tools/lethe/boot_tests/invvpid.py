# SPDX-License-Identifier: MIT
"""Compares the hypervisor's record of its INVVPIDs with the emulator's.

The suite `records` of the test guest prints, per VP, how many INVVPIDs the
hypervisor counted and the last of them. The emulator stops in every call of
tlb_invvpid(type, vpid, gva) and prints the registers: an independent record,
which has to be the same.
"""

import re

HIT = re.compile(r"^\((\d+)\) Breakpoint (\d+)", re.MULTILINE)
CPU = re.compile(r"^CPU(\d+):$", re.MULTILINE)
REGISTER = re.compile(r"\b(r[a-z0-9]{1,2}): ([0-9a-f]{8})_([0-9a-f]{8})")
TOLD_COUNT = re.compile(r"^# invvpid vp (\d+) count (\d+)$")
TOLD = re.compile(r"^# invvpid (\d+) 0x([0-9a-f]+)$")

# System V calling convention: the arguments of tlb_invvpid()
TYPE, VPID, GVA = "rdi", "rsi", "rdx"


def addresses(listing):
    """The function's first instruction and its INVVPID, from lethe.lst."""
    # link-time optimisation may give it a suffix
    body = re.search(r"<tlb_invvpid(?:\.[\w.]+)?>:\n(.*?)\n\n", listing,
                     re.DOTALL)
    found = body and re.findall(r"^([0-9a-f]+):\t(\w+)", body[1], re.MULTILINE)
    at = [address for address, name in found or [] if name == "invvpid"]
    if len(at) != 1:
        raise ValueError("lethe.lst: expected one INVVPID in tlb_invvpid(), "
                         f"found {len(at)}")
    return found[0][0], at[0]


def debugger(listing, cpus, hits):
    """Commands for Bochs's debugger: show all CPUs' registers at each stop.

    Bochs skips a breakpoint at the address where it stopped last, also on
    another CPU. A second breakpoint, before the first, prevents that.
    """
    first, invvpid = addresses(listing)
    show = [line for cpu in range(cpus) for line in (f"set $cpu = {cpu}", "r")]
    return [f"lb 0x{invvpid}", f"lb 0x{first}", *["c", *show] * hits, "q"]


def seen(debugger_output):
    """{VPID: [(type, gva), ...]} in the order of execution."""
    found = {}
    parts = HIT.split(debugger_output)[1:]
    for cpu, number, text in zip(parts[::3], parts[1::3], parts[2::3]):
        if number != "1":
            continue
        blocks = CPU.split(text)[1:]
        # the first block of each CPU: the power-off adds more to the last hit
        block = dict(zip(blocks[-2::-2], blocks[::-2])).get(cpu, "")
        registers = {name: int(high + low, 16)
                     for name, high, low in REGISTER.findall(block)}
        if VPID in registers:
            found.setdefault(registers[VPID], []).append(
                (registers[TYPE], registers[GVA]))
    return found


def told(lines):
    """{VP number: (count, [(type, gva), ...])} as the guest printed it."""
    found = {}
    records = None
    for line in lines:
        head = TOLD_COUNT.match(line)
        row = TOLD.match(line)
        if head:
            records = []
            found[int(head[1])] = (int(head[2]), records)
        elif row and records is not None:
            records.append((int(row[1]), int(row[2], 16)))
    return found


def compare(lines, debugger_output):
    """[(what, why it is wrong or empty)]; VP n has VPID n + 1."""
    emulator = seen(debugger_output)
    guest = told(lines)
    results = [("records are printed",
                "" if guest else "the guest printed nothing")]
    for number, (count, records) in guest.items():
        hits = emulator.get(number + 1, [])
        results.append((
            f"VP {number}: count", "" if count == len(hits) and count else
            f"the guest prints {count}, the emulator saw {len(hits)}"))
        tail = hits[len(hits) - len(records):]
        wrong = [f"{a} for {b}" for a, b in zip(records, tail) if a != b]
        results.append((
            f"VP {number}: records", "" if records and records == tail else
            f"the guest prints {', '.join(wrong[:3]) or 'another number'}"))
    return results
