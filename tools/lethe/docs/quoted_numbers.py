# SPDX-License-Identifier: MIT
"""Compares numbers in documents with their sources: the cost tables of README
and docs/software-tlb.md with bench/baseline.csv and docs/results/, the sizes in
docs/memory.md with the compiler, the version in examples of the console with
VERSION.

--write also brings these tables up to date. What else is stale is printed.
"""

import re
import subprocess
import tempfile

from lethe import cli, elf, version
from lethe.measure import bench
from lethe.project import ROOT
from lethe.sources import Flags

WRITE = cli.command("docs.quoted_numbers --write")
README = ROOT / "README.md"
MEMORY = ROOT / "docs/memory.md"
SOFTWARE_TLB = ROOT / "docs/software-tlb.md"
HEAD = "| call | row |"
COST_ROW = re.compile(r"^\| ([^|]+) \| `(\w+)` \|.*\|$")
SIZE_ROW = re.compile(r"^\| `struct (\w+)` \(([\d.]+) KiB\) \| (\d+)",
                      re.MULTILINE)
VP_TOTAL = re.compile(r"^\| \*each VP\* \| \*\*(\d+) = (\d+) KiB", re.MULTILINE)
HEADERS = ("common/image/image_plan.h", "core/state/cpu.h",
           "core/state/partition.h", "core/state/vp.h", "core/trace/stats.h")
PAGE = 4096
VERSION_SAID = re.compile(r"(?:\b(?:lethe|guest-test) |\bversion=)"
                          r"(\d+\.\d+\.\d+)\b")


# ---- README

def cells(name, rows):
    """The numbers of one row: without the privilege vp-registers, with the
    default privileges, and KVM's."""
    low, middle = rows[name]
    usual = rows.get(name + bench.DEFAULT, (None, None))[1]
    kvm = bench.KVM.get(name)
    ratios = [f"{ticks / kvm:.2f}" if kvm and ticks else "–"
              for ticks in (middle, usual)]
    return [low, middle, usual or "–", kvm or "–", *ratios]


def shadow_cells(name, rows):
    """The medians without and with a software TLB."""
    return [rows.get(key, (0, "–"))[1] for key in (name, name + bench.SHADOW)]


def cost_table(path, lines, fill):
    """(first line, line after the table, the table as it has to be); `fill`
    returns the cells of a row"""
    begin = next(i for i, line in enumerate(lines) if line.startswith(HEAD))
    end = begin + 2
    rows = bench.read_baseline()
    table = lines[begin:end]
    while lines[end].startswith("|"):
        row = COST_ROW.match(lines[end])
        if not row or not {row[2], row[2] + bench.SHADOW} & rows.keys():
            raise SystemExit(f"{path.name}: expected a row that is in "
                             f"bench/baseline.csv, found: {lines[end]}")
        table.append(f"| {row[1]} | `{row[2]}` | " + " | ".join(
            map(str, fill(row[2], rows))) + " |")
        end += 1
    return begin, end, table


def document(path, fill, names):
    """(document as it is, as it has to be, complaints); `names`: rows that its
    table has to have"""
    text = path.read_text()
    lines = text.split("\n")
    begin, end, table = cost_table(path, lines, fill)
    shown = {COST_ROW.match(line)[2] for line in table[2:]}
    lines[begin:end] = table
    return text, "\n".join(lines), [
        f"{path.name}: the cost table: expected a row `{name}`, found none"
        for name in names if name not in shown]


def documents():
    """{path: as document() has it}"""
    plain = [name for name in bench.ROWS
             if not name.endswith((bench.DEFAULT, bench.EXACT, bench.SHADOW))]
    shadow = [name.removesuffix(bench.SHADOW) for name in bench.ROWS
              if name.endswith(bench.SHADOW)]
    return {README: document(README, cells, plain),
            SOFTWARE_TLB: document(SOFTWARE_TLB, shadow_cells, shadow)}


# ---- docs/memory.md

def sizes(names, build):
    """{struct: bytes}, as the hypervisor's compiler has them."""
    body = "".join(f'#include "{name}"\n' for name in HEADERS)
    body += "".join(f"extern char {n}[]; char {n}[sizeof(struct {n})];\n"
                    for n in names)
    flags = [flag for flag in Flags(build).of("hv/main.c") if flag != "-flto"]
    with tempfile.NamedTemporaryFile(suffix=".o") as file:
        subprocess.run(["gcc", *flags, "-x", "c", "-c", "-o", file.name, "-"],
                       input=body, text=True, cwd=ROOT, check=True)
        return elf.sizes(file.name)


def check_sizes(build):
    text = MEMORY.read_text()
    rows = SIZE_ROW.findall(text)
    real = sizes([name for name, _, _ in rows], build)
    for name, said, pages in rows:
        kib, need = real[name] / 1024, -(-real[name] // PAGE)
        if said != f"{kib:.1f}" or int(pages) != need:
            yield (f"docs/memory.md: struct {name}: expected {kib:.1f} KiB in "
                   f"{need} pages, found {said} in {pages}")
    total = VP_TOTAL.search(text)
    need = 1 + sum(-(-real.get(name, 0) // PAGE)
                   for name in ("vp", "stats"))  # one for the VMCS
    if not total or (int(total[1]), int(total[2])) != (need, 4 * need):
        yield f"docs/memory.md: each VP: expected {need} = {4 * need} KiB"
    if len(rows) < 3:
        yield "docs/memory.md: expected rows of struct cpu, vp and partition"


def check_versions():
    """Examples of the console name the version that prints them."""
    for path in (README, *sorted((ROOT / "docs").glob("*.md"))):
        if path.name == "changelog.md":
            continue
        for said in VERSION_SAID.findall(path.read_text()):
            if said != version.VERSION:
                yield (f"{path.relative_to(ROOT)}: expected version "
                       f"{version.VERSION} in examples, found {said}")


def check(build="build"):
    """What is wrong, for lint/run.py."""
    found = []
    for path, (before, after, wrong) in documents().items():
        found += wrong
        if before != after:
            found.append(f"{path.name}: the cost table differs from "
                         f"bench/baseline.csv: run `{WRITE}`")
    return found + [*check_versions(), *check_sizes(build)]


def main():
    parser = cli.Parser("quoted_numbers", __doc__, build=True)
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    if args.write:
        for path, (_, after, _) in documents().items():
            path.write_text(after)
    found = check(args.build)
    print("".join(f"{line}\n" for line in found), end="")
    return 1 if found else 0


if __name__ == "__main__":
    cli.main("quoted_numbers", main)
