# SPDX-License-Identifier: MIT
"""Holds docs/abi.md against the code: calls, MSRs, statuses, named tests.

The tables of the document are for people; what they say in numbers and names
is compared with include/tlfs/, hv/core/hypercall/table.c and the tests.
"""

import re

from lethe.project import ROOT

ABI = ROOT / "docs/abi.md"
DEFINE = re.compile(r"^#define (\w+)\s+(0x[0-9a-fA-F]+)u?\b", re.MULTILINE)
STATUS = re.compile(r"^\tHV_STATUS_(\w+) = (0x[0-9a-f]+),", re.MULTILINE)
SIZE = re.compile(r"_Static_assert\(sizeof\(struct (\w+)\) == (\d+)", re.DOTALL)
STRUCT = re.compile(r"^struct (\w+) \{", re.MULTILINE)
CALL = re.compile(r"^\tHC_(\w+)\s*\(\s*(HV_(?:EXT_)?CALL_\w+),\s*\w+,\s*([^)]*)\)",
                  re.MULTILINE)
CALL_ROW = re.compile(r"^\| (0x[0-9A-F]{4}) \| [^|]+ \| (simple|rep) \| "
                      r"(\d+) bytes \|([^|]*)\|([^|]*)\|([^|]*)\|",
                      re.MULTILINE)
INTEGER = re.compile(r"u(8|16|32|64)$")
MSR_ROW = re.compile(r"^\| (0x4[0-9A-F]{7}) \| ([A-Z_]+) \|", re.MULTILINE)
STATUS_USE = re.compile(r"\b((?:0x)?[0-9A-F]{1,2}) ([A-Z]+_[A-Z_]{4,})\b")
TICKED = re.compile(r"`([^`]+)`")
UNIT = re.compile(r"unit/[a-z0-9_]+/[a-z0-9_-]+$")
GUEST = re.compile(r"(?:(boot|apic|msr|calls|forms|flush|storm|counts|kick|inhibit|"
                   r"overcommit|neighbours)/)"
                   r"([a-z0-9_]+)$")


def read(name):
    return (ROOT / name).read_text()


def layouts():
    """({struct: size}, [complaints]): each struct of include/tlfs has one."""
    sizes = {}
    found = []
    for path in sorted((ROOT / "include/tlfs").glob("*.h")):
        text = path.read_text()
        sizes |= {name: int(size) for name, size in SIZE.findall(text)}
        found += [f"{path.name}: struct {name}: no size assertion"
                  for name in STRUCT.findall(text)
                  if name not in sizes and name != "lethe_test_output"]
    return sizes, found


def size_of(name, sizes):
    integer = INTEGER.match(name)
    if integer:
        return int(integer[1]) // 8
    return sizes[name.removeprefix("struct ")]


def shape(kind, types, sizes):
    """(kind, header, variable header, element, output): a row's columns.

    The types of a row are header, element (rep calls), output (...OUT).
    """
    known = [size_of(name, sizes) for name in types]
    if kind == "EXT_OUT":
        return ("simple", 0, "no", "", f"{known[-1]} bytes")
    rep = kind.startswith("REP")
    element = f"{known[1]} bytes" if rep else ""
    output = ""
    if kind.endswith("OUT"):
        output = f"{known[-1]} bytes" + (" each" if rep else "")
    return ("rep" if rep else "simple", known[0],
            "banks" if kind.endswith("EX") else "no", element, output)


def test_output_size():
    text = read("include/tlfs/hypercall.h")
    head, record = re.search(r"sizeof\(struct lethe_test_output\) == "
                             r"(\d+) \+ (\d+) \* LETHE_TEST_RECORDS",
                             text).groups()
    count = re.search(r"^#define LETHE_TEST_RECORDS (\d+)", text,
                      re.MULTILINE)[1]
    return int(head) + int(record) * int(count)


def calls(text, sizes):
    codes = dict(DEFINE.findall(read("include/tlfs/hypercall.h")))
    real = {}
    for kind, name, rest in CALL.findall(read("hv/core/hypercall/table.c")):
        types = [word.strip() for word in rest.split(",")]
        types = [word for word in types if word not in ("WIDENS", "AT_ONCE", "ASKS")]
        real[int(codes[name], 0)] = shape(kind, types, sizes)
    test = int(codes["LETHE_CALL_TEST_READ"], 0)
    real[test] = ("simple", sizes["lethe_test_input"], "no", "",
                  f"{test_output_size()} bytes")
    told = {int(code, 0): (kind, int(size), *(cell.strip() for cell in cells))
            for code, kind, size, *cells in CALL_ROW.findall(text)}
    for code in sorted(real.keys() | told.keys()):
        if real.get(code) != told.get(code):
            yield (f"call {code:#06x}: the document has {told.get(code)}, "
                   f"the code {real.get(code)}")


def msrs(text):
    real = {int(value, 0): name.removeprefix("HV_X64_MSR_") for name, value
            in DEFINE.findall(read("include/tlfs/msr.h"))
            if name.startswith("HV_X64_MSR_")}
    part = text.partition("## 5. MSRs")[2].partition("\n## ")[0]
    told = {int(number, 0): name for number, name in MSR_ROW.findall(part)}
    for number in sorted(real.keys() | told.keys()):
        if real.get(number) != told.get(number):
            yield (f"MSR {number:#x}: the document has {told.get(number)}, "
                   f"the code {real.get(number)}")


def statuses(text):
    real = {name: int(value, 0) for name, value
            in STATUS.findall(read("include/tlfs/status.h"))}
    for number, name in STATUS_USE.findall(text):
        value = int(number, 16)
        if name in real and real[name] != value:
            yield f"status {name}: the document has {number}"


def named_tests(text):
    units = "".join(path.read_text() for path
                    in (ROOT / "hv/test/unit").rglob("*_test.c"))
    guest = "".join(path.read_text() for path
                    in (ROOT / "guest-test").glob("suite_*.c"))
    guest += read("tests/refusals.toml")
    for name in sorted(set(TICKED.findall(text))):
        last = name.rpartition("/")[2]
        if UNIT.match(name) and not re.search(rf"[\"_(]{last}\b", units):
            yield f"no host test {name}"
        found = GUEST.match(name)
        if found and not re.search(rf'\b{last}\b', guest):
            yield f"no guest check {name}"


def check():
    """Complaints, empty if document and code agree."""
    text = ABI.read_text()
    sizes, found = layouts()
    for part in (calls(text, sizes), msrs(text), statuses(text),
                 named_tests(text)):
        found += part
    return found


if __name__ == "__main__":
    print("\n".join(check()) or "docs/abi.md agrees with the code")
