# SPDX-License-Identifier: MIT
"""Counts the instructions that write each record of the trace.

Reads the hypervisor's disassembly and finds the places where a CPU takes a
place in its ring (hv/core/trace/record.h): the 16-bit add to cpu->trace. To
the record belong the load of cpu->trace, the add, the stores of that pointer
and into the record's 32 bytes, and what is between the load and the last store
and computes what is stored. It fails if a record has more instructions than
docs/trace.md promises, if a byte of it is not written, or if it finds too few
records.
"""

import dataclasses
import re

from lethe import cli
from lethe.machine import image

LIMIT = 12
RECORD = 32  # bytes
EXPECTED = 8  # a VMCALL, another exit, a kick, and the functions of record.c
LINE = re.compile(r"^([0-9a-f]{16}):\t(\S+)\s*(.*?)\s*$")
LABEL = re.compile(r"^[0-9a-f]{16} <([^>]+)>:$")
TAKE = re.compile(r"\$0x20,(0x[0-9a-f]+)\((%\w+)\)$")
STORE = re.compile(r"^mov([bwlq]?)$")
WIDTH = {"b": 1, "w": 2, "l": 4, "q": 8}
# Behind it comes other code than in the listing
ENDS = re.compile(r"^(jmp|call|ret|ud2)")
READS = re.compile(r"^(test|cmp|bt)")  # writes no operand
LOAD = r"^{}\(%\w+\),(%\w+)$"
BACK = 24  # instructions in which the load of cpu->trace is looked for


@dataclasses.dataclass
class Record:
    function: str
    address: str
    instructions: int
    written: frozenset  # bytes


def functions(text):
    """(name, [(address, mnemonic, operands)]) of each function"""
    name, body = "", []
    for line in text.splitlines():
        label, found = LABEL.match(line), LINE.match(line)
        if label:
            if body:
                yield name, body
            name, body = label[1], []
        elif found:
            body.append(found.groups())
    if body:
        yield name, body


def width(mnemonic, operands):
    """Bytes that a MOV stores"""
    suffix = STORE.match(mnemonic)[1]
    if suffix:
        return WIDTH[suffix]
    source = operands.partition(",")[0]
    if re.match(r"%(r[a-ds][xip]|r[bs]p|r\d+)$", source):
        return 8
    if re.match(r"%(e\w\w|r\d+d)$", source):
        return 4
    return 2 if re.match(r"%(\w[xip]|r\d+w)$", source) else 1


def registers(operands):
    """The 64-bit registers whose values are operands, not addresses"""
    values = re.sub(r"\([^)]*\)", "", operands)
    return {whole(name) for name in re.findall(r"%\w+", values)}


def whole(name):
    """The 64-bit register that `name`, as in %al, is part of"""
    name = name.lstrip("%")
    if re.match(r"r\d+", name):
        return re.match(r"r\d+", name)[0]
    middle = re.sub(r"^[re]|l$", "", name) if len(name) > 2 else name
    if re.fullmatch(r"[a-d][lhx]", middle):
        return f"r{middle[0]}x"
    return f"r{middle}"


def find_load(body, at):
    """(position, register) of the load of cpu->trace before `at`"""
    field = TAKE.search(body[at][2])[1]
    load = re.compile(LOAD.format(field))
    for i in range(at - 1, max(at - BACK, -1), -1):
        found = load.match(body[i][2])
        if found and body[i][1].startswith("mov"):
            return i, found[1]
    return at, "%none"


def stores(body, first, register):
    """{position: bytes} of the stores into the record"""
    store = re.compile(rf",(0x[0-9a-f]+)?\({register}\)$")
    found = {}
    for i in range(first + 1, len(body)):
        _, mnemonic, operands = body[i]
        if ENDS.match(mnemonic) or (operands.endswith("," + register) and
                                    not READS.match(mnemonic)):
            break
        match = STORE.match(mnemonic) and store.search(operands)
        offset = int(match[1] or "0", 16) if match else RECORD
        if offset < RECORD:
            found[i] = range(offset, offset + width(mnemonic, operands))
    return found


def measure(body, at):
    """(instructions, bytes written) of the record that is taken at `at`"""
    first, register = find_load(body, at)
    written = stores(body, first, register)
    count, wanted = 2, set()  # the load, the add
    for i in range(max(written, default=at), first, -1):
        _, mnemonic, operands = body[i]
        source, _, target = operands.rpartition(",")
        if i in written:
            count += 1
            wanted |= registers(source)
        elif mnemonic.startswith("mov") and source == register \
                and target.endswith(")"):
            count += 1  # the VP remembers where the record is
        elif mnemonic == "rdtsc":
            count += 1
            wanted -= {"rax", "rdx"}
        elif i != at and target.startswith("%") and whole(target) in wanted:
            count += 1
            if mnemonic.startswith(("mov", "lea")):
                wanted.remove(whole(target))
            # LEA computes with the registers of its address
            wanted |= (set(map(whole, re.findall(r"%\w+", source)))
                       if mnemonic.startswith("lea") else registers(source))
    return count, frozenset(b for some in written.values() for b in some)


def records(text):
    for name, body in functions(text):
        for at, (address, mnemonic, operands) in enumerate(body):
            if mnemonic == "addw" and TAKE.search(operands):
                yield Record(name, address, *measure(body, at))


def complaints(record):
    if record.instructions > LIMIT:
        yield (f"expected at most {LIMIT} instructions, found "
               f"{record.instructions}")
    missing = set(range(RECORD)) - record.written
    if missing:
        yield f"bytes that are not written: {sorted(missing)}"


def main():
    parser = cli.Parser("record-cost", __doc__, build=True)
    args = parser.parse_args()
    listing = image.Build(args.build).hypervisor.with_suffix(".lst")
    found = list(records(listing.read_text()))
    failed = len(found) < EXPECTED
    if failed:
        print(f"record-cost  FAIL: expected at least {EXPECTED} records in "
              f"{listing}, found {len(found)}")
    for record in found:
        wrong = ", ".join(complaints(record))
        failed += bool(wrong)
        print(f"{record.function:24}{record.instructions:4} "
              f"{record.address}  {f'FAIL: {wrong}' if wrong else 'ok'}")
    print(f"{len(found)} records, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    cli.main("record-cost", main)
