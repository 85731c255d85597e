# SPDX-License-Identifier: MIT
"""Checks tools/tables.py on a copy of the project: each kind of disagreement
between the data, C and the documents is found, once written it is gone, and
a row that names what is not there is refused. Prints TAP.
"""

import pathlib
import shutil
import subprocess
import tempfile

import cli
import refusals
from sources import ROOT
import tables

PARTS = (*tables.FOLDERS, "docs", "tests/refusals.toml")
ABI, CONFIG, EXITS, REFUSALS = (*tables.SOURCES, tables.REFUSALS)
LEAVES = "hv/core/emulate/cpuid_synthetic.c"
LEAF = "\t{HV_CPUID_HARDWARE,        leaf_hardware},\n"
HYPERCALL = "include/tlfs/hypercall.h"
WRITTEN = "`make tables` writes it"

# name, file, a text in it, what it becomes, what each complaint ends with
STALE = (
    ("row-changed", ABI, "code = 0x0013", "code = 0x0016", WRITTEN),
    ("key-changed", CONFIG, 'name = "slice"', 'name = "slices"', WRITTEN),
    ("refusal-changed", REFUSALS, '"GUEST_OS_ID is 0"', '"GUEST_OS_ID is 1"',
     WRITTEN),
    ("word-in-document", "docs/abi.md", "| rep | 16 bytes |",
     "| rep | 24 bytes |", WRITTEN),
    ("key-in-document", "docs/config.md", "| `vps` | 1 to 256 |",
     "| `vps` | 1 to 255 |", WRITTEN),
    ("number-in-c", HYPERCALL, "SPIN_WAIT          0x0008",
     "SPIN_WAIT          0x0009", WRITTEN),
    ("row-in-c", LEAVES, LEAF, LEAF + "\t{0x40000007u, leaf_hardware},\n",
     WRITTEN),
)
WRONG = (
    ("constant-outside", LEAVES, "struct leaf {",
     "#define HV_CPUID_MORE 0x40000007u\nstruct leaf {",
     f"HV_CPUID_MORE is not of {' or '.join(tables.SOURCES)}"),
    ("struct-outside", HYPERCALL, "struct hv_flush {",
     "struct hv_more {\n\tu32 a;\n};\nstruct hv_flush {",
     f"struct hv_more: no size in {ABI}"),
    ("marker-gone", LEAVES, "/* end: leaves */\n", "", "each once"),
    ("table-twice", LEAVES, "/* end: leaves */\n",
     f"/* end: leaves */\n/* generated: leaves, from {ABI} */\n", "each once"),
    ("unknown-table", LEAVES, "struct leaf {",
     f"/* generated: more, from {ABI} */\nstruct leaf {{",
     f"no such table: `/* generated: more, from {ABI} */`"),
    ("unknown-grant", ABI, 'grant = "vp-index"', 'grant = "vp-indices"',
     "no row of [grant] has the name vp-indices"),
    ("exit-without-words", EXITS, "reasons = [76, 77]", "reasons = [76]",
     "where it has a function, and only there"),
    ("exit-twice", EXITS, "reasons = [62, 63]", "reasons = [62, 61]",
     "reason 61 is in two rows"),
    ("unknown-type", ABI, 'element = "u32"', 'element = "u33"', "no type u33"),
    ("needs-without-macro", ABI, 'needs = ["cluster-ipi", "ex-masks"]',
     'needs = ["cluster-ipi"]', "the row ['cluster-ipi']"),
    ("row-without-words", ABI, 'what = "refused"', 'words = "refused"',
     "a row without 'what'"),
)


def fails(name, why):
    return [f"{name}: {why}"] if why else []


def broken(folder, row, write):
    """What is wrong with the answer to one change."""
    name, path, old, new, end = row
    file = folder / path
    text = file.read_text()
    if old not in text:
        return fails(name, f"{path} has no `{old}`")
    before = {at: (folder / at).read_text() for at in
              {at for at, _ in tables.blocks()}}
    file.write_text(text.replace(old, new, 1))
    found = tables.check()
    wrong = fails(name, "" if found and all(
        why.endswith(end) for why in found) else f"complaints: {found}")
    if write:
        tables.write()
        wrong += fails(name, "still " + "; ".join(tables.check())
                       if tables.check() else "")
    for at, was in before.items():
        (folder / at).write_text(was)
    file.write_text(text)
    return wrong


def sizes(folder):
    """A size that is not the struct's does not compile."""
    path = folder / ABI
    text = path.read_text()
    path.write_text(text.replace('struct = "hv_ipi", size = 8',
                                 'struct = "hv_ipi", size = 12'))
    tables.write()
    done = subprocess.run(
        ["gcc", "-fsyntax-only", "-ffreestanding", f"-I{folder}/include", "-x",
         "c", folder / HYPERCALL], text=True, check=False,
        stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
    path.write_text(text)
    tables.write()
    return fails("size-of-struct", "" if 'failed: "hv_ipi"' in done.stderr
                 else f"gcc: {done.returncode} {done.stderr}")


def copy(folder):
    for part in PARTS:
        to = folder / part
        to.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, to)
        else:
            shutil.copy(ROOT / part, to)


def main():
    parser = cli.Parser(prog="tables_selftest", description=__doc__)
    parser.parse_args()
    failed = []
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        copy(folder)
        tables.ROOT = refusals.ROOT = folder
        refusals.TABLE = folder / REFUSALS
        results = [("as-it-is", fails("as-it-is", "; ".join(tables.check())))]
        results += [(row[0], broken(folder, row, True)) for row in STALE]
        results += [(row[0], broken(folder, row, False)) for row in WRONG]
        results.append(("size-of-struct", sizes(folder)))
    for number, (test, wrong) in enumerate(results, 1):
        print("".join(f"# {why}\n" for why in wrong), end="")
        print(f"{'not ok' if wrong else 'ok'} {number} - tables/{test}")
        failed += wrong
    print(f"1..{len(results)}")
    return 1 if failed else 0


if __name__ == "__main__":
    cli.main("tables_selftest", main)
