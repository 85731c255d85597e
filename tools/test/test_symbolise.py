# SPDX-License-Identifier: MIT
"""Names in the sanitizer's findings, from text and from an ELF file."""

import subprocess

import pytest

from lethe import cli
from lethe.debug import symbolise

MAP = """0000000000019000 A per_cpu_thing
ffffffff81000000 T _text
ffffffff81000000 T startup_64
ffffffff81001000 t first
ffffffff81001040 t second\t[a_module]
ffffffff82000000 D table
ffffffff82000020 D after
"""
LINE = ("[1] guest: sanitize finding kind=frame vp=1 rip={} gva={} "
        "access=read cpl=0 leaf=0x81001000 entry=0x2")


def named(text):
    return symbolise.findings(symbolise.Symbols(symbolise.of_text(MAP)), text)


def shown(rip, gva):
    line, = named(LINE.format(rip, gva) + "\n")
    return line


def test_a_function_and_data():
    assert shown("0xffffffff81001012", "0xffffffff8200001f") == LINE.format(
        "0xffffffff81001012 (first+0x12)", "0xffffffff8200001f (table+0x1f)")


def test_the_first_byte_belongs_to_the_next_symbol():
    assert "(second+0x0)" in shown("0xffffffff81001040", "0x5000")
    assert "(first+0x3f)" in shown("0xffffffff8100103f", "0x5000")


def test_two_names_of_one_address():
    assert "(_text+0x4)" in shown("0xffffffff81000004", "0x5000")


def test_addresses_without_a_name():
    for gva in ("0x5000", "0x19000", "0x7f0000000000", "0xffffc90000000000"):
        line = shown("0xffffffff81001012", gva)
        assert line.endswith(LINE.format("", gva).partition("rip= ")[2]), line
    # the last symbol does not reach to the end of all addresses
    assert "gva=0xffffffffffffff00 " in shown("0x1", "0xffffffffffffff00")


def test_other_lines_and_other_words_stay():
    text = "[1] guest: sanitize compared=1 rip=0xffffffff81001012\n"
    assert not named(text)
    assert "leaf=0x81001000 entry=0x2" in shown("0xffffffff81001012", "0x1")


def test_hidden_addresses_are_refused():
    with pytest.raises(cli.Wrong, match="kptr_restrict"):
        symbolise.of_text("0000000000000000 T _text\n")


@pytest.fixture(name="program")
def program_fixture(tmp_path):
    source = (".globl f\n.type f, @function\nf: nop\nnop\n.size f, . - f\n"
              "nop\n")
    done = tmp_path / "program"
    subprocess.run(["as", "-o", f"{done}.o", "-"], input=source, text=True,
                   check=True)
    subprocess.run(["ld", "-Ttext=0xffffffff81000000", "-e", "f", "-o", done,
                    f"{done}.o"], check=True)
    return done


def test_an_elf_file(program):
    symbols = symbolise.load(program)
    assert symbols.name(0xffffffff81000001) == "f+0x1"
    assert symbols.name(0xffffffff81000002) is None  # behind its size
    assert symbols.name(0xffffffff80ffffff) is None


def test_an_elf_file_without_symbols(program):
    subprocess.run(["strip", program], check=True)
    with pytest.raises(cli.Wrong, match="symbol table"):
        symbolise.load(program)


def run(capsys, monkeypatch, *words):
    monkeypatch.setattr("sys.argv", ["symbolise", *map(str, words)])
    assert symbolise.main() == 0
    return capsys.readouterr().out.splitlines()


def test_the_program(tmp_path, capsys, monkeypatch):
    names, log = tmp_path / "kallsyms", tmp_path / "log"
    names.write_text(MAP)
    log.write_bytes(b"boot\r\n" + LINE.format(
        "0xffffffff81001012", "0x5000").encode() + b"\r\n")
    line = LINE.format("0xffffffff81001012 (first+0x12)", "0x5000")
    assert run(capsys, monkeypatch, names, log) == [line]
    assert run(capsys, monkeypatch, "--all", names, log) == ["boot", line]


def test_a_program_of_the_guest(program, tmp_path, capsys, monkeypatch):
    names, log = tmp_path / "kallsyms", tmp_path / "log"
    names.write_text("ffffffff81001000 t first\n")
    log.write_text(LINE.format("0xffffffff81000001", "0xffffffff81001000"))
    line = LINE.format("0xffffffff81000001 (f+0x1)",
                       "0xffffffff81001000 (first+0x0)")
    assert run(capsys, monkeypatch, "--program", program, names, log) == [line]
