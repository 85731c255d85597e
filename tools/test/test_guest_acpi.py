# SPDX-License-Identifier: MIT
"""Tests the ACPI tables of guests with ACPICA's iasl, from which Linux has its
interpreter: it takes each table apart without a complaint, finds in it what
docs/abi.md says, and makes the same DSDT of its own text again.
"""

import re
import struct
import subprocess

import pytest

BASE = 0xe0000
LIMIT = 60
COMPLAINT = re.compile(r"error|warning|invalid|incorrect|remark|unknown|bad",
                       re.IGNORECASE)
CLEAN = re.compile(r"\b0 (?:Errors|Warnings|Remarks)\b", re.IGNORECASE)


def tables(build, vps):
    """{signature: bytes} of the tables that the RSDP leads to."""
    build.require(build.guest_acpi)
    page = subprocess.run([build.guest_acpi, str(vps), str(BASE)], check=True,
                          capture_output=True, timeout=LIMIT).stdout

    def at(gpa):
        length = struct.unpack_from("<I", page, gpa - BASE + 4)[0]
        return page[gpa - BASE:gpa - BASE + length]

    xsdt = at(struct.unpack_from("<Q", page, 24)[0])
    found = {"XSDT": xsdt}
    for gpa, in struct.iter_unpack("<Q", xsdt[36:]):
        table = at(gpa)
        found[table[:4].decode()] = table
    found["DSDT"] = at(struct.unpack_from("<Q", found["FACP"], 140)[0])
    return found


def iasl(folder, *words):
    """What iasl prints about the files, less its counts of no errors."""
    done = subprocess.run(["iasl", *words], cwd=folder, text=True, check=False,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=LIMIT)
    assert done.returncode == 0, done.stdout
    return CLEAN.sub("", done.stdout)


def complaints(text):
    return [line for line in text.splitlines() if COMPLAINT.search(line)]


@pytest.mark.parametrize("vps", (1, 4, 255, 256))
def test_iasl_takes_tables_apart(build, check, tmp_path, vps):
    found = tables(build, vps)
    check(f"{vps} VPs: four tables beside the RSDP",
          sorted(found) == ["APIC", "DSDT", "FACP", "XSDT"], found)
    for name, data in found.items():
        (tmp_path / f"{name}.dat").write_bytes(data)
        said = iasl(tmp_path, "-d", f"{name}.dat")
        text = (tmp_path / f"{name}.dsl").read_text()
        bad = complaints(said) + complaints(text)
        check(f"{vps} VPs: {name} without complaint", not bad, bad)


def test_madt_has_each_vp(build, check, tmp_path):
    (tmp_path / "apic.dat").write_bytes(tables(build, 256)["APIC"])
    iasl(tmp_path, "-d", "apic.dat")
    text = (tmp_path / "apic.dsl").read_text()
    short = re.findall(r"Local Apic ID : ([0-9A-F]{2})\n", text)
    long = re.findall(r"Processor x2Apic ID : ([0-9A-F]{8})\n", text)
    check("APIC IDs 0 to 254", [int(x, 16) for x in short] ==
          list(range(255)), short)
    check("APIC ID 255 as x2APIC ID", long == ["000000FF"], long)


def test_dsdt_says_what_ports_do(build, check, tmp_path):
    (tmp_path / "dsdt.dat").write_bytes(tables(build, 2)["DSDT"])
    iasl(tmp_path, "-d", "dsdt.dat")
    text = (tmp_path / "dsdt.dsl").read_text()
    uart = re.search(r'EisaId \("PNP0501"\).*?IO \(Decode16,\s+(0x\w+), .*?'
                     r"(0x\w+), .*?0x08,", text, re.DOTALL)
    check("UART at 0x3f8", uart and {int(x, 16) for x in uart.groups()} ==
          {0x3f8}, text)
    check("UART without interrupt", "IRQ" not in text and
          "Interrupt" not in text, text)
    check("S5", re.search(r"Name \(_S5.*?\{\s*0x05,\s*(?:Zero|0x00),", text,
                          re.DOTALL), text)
    said = iasl(tmp_path, "-oa", "-p", "again", "dsdt.dsl")
    again = (tmp_path / "again.aml").read_bytes()
    check("iasl makes the same AML of its text",
          again[36:] == (tmp_path / "dsdt.dat").read_bytes()[36:], said)
