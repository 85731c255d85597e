# SPDX-License-Identifier: MIT
"""Tests lethe.tables on a copy of the project: it finds each kind of
disagreement between the data, C and the documents, writing the tables removes
it, and a row that names something unknown is refused."""

import pathlib
import shutil
import subprocess
import tempfile

import pytest

from lethe.project import ROOT
from lethe.tables import refusals, write as tables

PARTS = (*tables.FOLDERS, "docs", "tests/refusals.toml")
ABI, CONFIG, EXITS, TRACE, REFUSALS = (*tables.SOURCES, tables.REFUSALS)
LEAVES = "hv/core/emulate/cpuid_synthetic.c"
LEAF = "\t{HV_CPUID_HARDWARE,        leaf_hardware},\n"
HYPERCALL = "include/tlfs/hypercall.h"
WRITTEN = "`make tables` writes it"

# name, file, text in it, what replaces it, end of each complaint
STALE = (
    ("row-changed", ABI, "code = 0x0013", "code = 0x0016", WRITTEN),
    ("key-changed", CONFIG, 'name = "slice"', 'name = "slices"', WRITTEN),
    ("refusal-changed", REFUSALS, '"GUEST_OS_ID is 0"', '"GUEST_OS_ID is 1"',
     WRITTEN),
    ("word-in-document", "docs/abi.md", "| rep | 16 bytes |",
     "| rep | 24 bytes |", WRITTEN),
    ("key-in-document", "docs/config.md", "| `vps` | 1 to 256 |",
     "| `vps` | 1 to 255 |", WRITTEN),
    ("event-changed", TRACE, 'name = "kick"', 'name = "kicked"', WRITTEN),
    ("number-in-c", HYPERCALL, "SPIN_WAIT          0x0008",
     "SPIN_WAIT          0x0009", WRITTEN),
    ("row-in-c", LEAVES, LEAF, LEAF + "\t{0x40000007u, leaf_hardware},\n",
     WRITTEN),
)
WRONG = (
    ("constant-outside", LEAVES, "struct leaf {",
     "#define HV_CPUID_MORE 0x40000007u\nstruct leaf {",
     "HV_CPUID_MORE: expected its definition in "
     f"{' or '.join(tables.SOURCES)}"),
    ("struct-outside", HYPERCALL, "struct hv_flush {",
     "struct hv_more {\n\tu32 a;\n};\nstruct hv_flush {",
     f"struct hv_more: expected its size in [layout] of {ABI}"),
    ("marker-gone", LEAVES, "/* end: leaves */\n", "", "each once"),
    ("table-twice", LEAVES, "/* end: leaves */\n",
     f"/* end: leaves */\n/* generated: leaves, from {ABI} */\n", "each once"),
    ("unknown-table", LEAVES, "struct leaf {",
     f"/* generated: more, from {ABI} */\nstruct leaf {{",
     f"the marker of a table, found `/* generated: more, from {ABI} */`"),
    ("unknown-grant", ABI, 'grant = "vp-index"', 'grant = "vp-indices"',
     "[grant]: expected a row with the name vp-indices, found none"),
    ("exit-without-words", EXITS, "reasons = [76, 77]", "reasons = [76]",
     "a row of [handled] if and only if it has a function"),
    ("exit-twice", EXITS, "reasons = [62, 63]", "reasons = [62, 61]",
     "expected reason 61 in one row, found it in several"),
    ("event-number-twice", TRACE, "id = 2\n", "id = 1\n",
     "kick: expected id 2, found 1"),
    ("event-bits-twice", TRACE, 'bits = "31:16", kind = "reason"',
     'bits = "31:8", kind = "reason"', "exit.reason: expected bits of its own"),
    ("event-kind", TRACE, 'kind = "reason"', 'kind = "reasons"',
     "found reasons"),
    ("unknown-type", ABI, 'element = "u32"', 'element = "u33"',
     "found the type u33"),
    ("needs-without-macro", ABI, 'needs = ["cluster-ipi", "ex-masks"]',
     'needs = ["cluster-ipi"]', "found ['cluster-ipi']"),
    ("row-without-words", ABI, 'what = "refused"', 'words = "refused"',
     "expected the field 'what' in a row, found none"),
)


@pytest.fixture(scope="module")
def folder():
    """A copy of the sources of the tables and of the files that have them."""
    with tempfile.TemporaryDirectory(prefix="lethe-") as name, \
            pytest.MonkeyPatch.context() as patch:
        folder = pathlib.Path(name)
        for part in PARTS:
            to = folder / part
            to.parent.mkdir(parents=True, exist_ok=True)
            if (ROOT / part).is_dir():
                shutil.copytree(ROOT / part, to)
            else:
                shutil.copy(ROOT / part, to)
        patch.setattr(tables, "ROOT", folder)
        patch.setattr(refusals, "ROOT", folder)
        patch.setattr(refusals, "TABLE", folder / REFUSALS)
        yield folder


@pytest.fixture
def change(folder):
    """Changes a text in a file of the copy; after the test all is restored."""
    before = {at: (folder / at).read_text() for at in
              {at for at, _ in tables.blocks()}}

    def one(path, old, new):
        text = (folder / path).read_text()
        before.setdefault(path, text)
        assert old in text
        (folder / path).write_text(text.replace(old, new, 1))
    yield one
    for path, was in before.items():
        (folder / path).write_text(was)


def test_as_it_is(folder):
    assert tables.check() == []


def ids(rows):
    return {"argvalues": [row[1:] for row in rows],
            "ids": [row[0] for row in rows]}


@pytest.mark.parametrize("path, old, new, end", **ids(STALE))
def test_stale(change, path, old, new, end):
    """The disagreement is found, and writing the tables removes it."""
    change(path, old, new)
    found = tables.check()
    assert found and all(why.endswith(end) for why in found)
    tables.write()
    assert tables.check() == []


@pytest.mark.parametrize("path, old, new, end", **ids(WRONG))
def test_wrong(change, path, old, new, end):
    change(path, old, new)
    found = tables.check()
    assert found and all(why.endswith(end) for why in found)


def test_size_of_struct(folder, change):
    """A size that is not the struct's does not compile."""
    change(ABI, 'struct = "hv_ipi", size = 8', 'struct = "hv_ipi", size = 12')
    tables.write()
    done = subprocess.run(
        ["gcc", "-fsyntax-only", "-ffreestanding", f"-I{folder}/include", "-x",
         "c", folder / HYPERCALL], text=True, check=False,
        stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert 'failed: "hv_ipi"' in done.stderr
