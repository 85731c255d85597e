# SPDX-License-Identifier: MIT
"""Lint rules of our own that read text: each returns complaints.

Size, licence line, include guard, the core's includes and the order of its
folders, <efi.h>, the README's status table.
"""

import re

from lethe.boot_tests import tables
from lethe.lint.folders import folder_order
from lethe.lint.tool_folders import tool_order
from lethe.project import ROOT
from lethe.sources import NOT_C

LINES_MANY = 400  # a warning; not for data that C and the documents share
DATA = re.compile(r"include/\w+\.toml")
LINES_MAX = {"Makefile": 200, "README.md": 150}
CODE = {".c", ".h", ".S", ".inc", ".def", ".py", ".mk", ".sh", ".lds",
        ".toml"}
CODE_NAMES = {"Makefile", ".clang-tidy", "run"}
CORE = ("common", "core")  # of hv/: what knows no machine
FREESTANDING = {"stdint.h", "stddef.h", "stdbool.h", "stdarg.h"}
INCLUDE = re.compile(r'^\s*#\s*include\s+[<"]([^>"]+)[>"]', re.MULTILINE)
STATUS_ROW = re.compile(r"^\|([^|]*)\|(.*)\|\s*$", re.MULTILINE)
NAMED = re.compile(r"`([^`]+)`")

# Proofs that are steps of `make check`, not boot tests
STEPS = {"lint", "unit", "unit-clang", "coverage", "explore", "spin", "fuzz",
         "reproducible", "mutants", "bench", "kvm-run", "first hour",
         "debug"}


def is_code(path):
    return path.suffix in CODE or path.name in CODE_NAMES


def size(path, text):
    limit = LINES_MAX.get(path.name)
    count = text.count("\n")
    if limit and count > limit:
        yield f"{count} lines, at most {limit}"
    if is_code(path) and text and not text.endswith("\n"):
        yield "no end of line at its end"


def warnings(path, text):
    """What a reader should look at; no reason to fail."""
    count = text.count("\n")
    if (count > LINES_MANY and is_code(path) and path.name not in LINES_MAX
            and not DATA.fullmatch(str(path))):
        yield (f"{path}: {count} lines, more than {LINES_MANY}: does it decide "
               "two things?")


def licence(path, text):
    head = "\n".join(text.split("\n")[:2])
    if is_code(path) and "SPDX-License-Identifier: MIT" not in head:
        yield "no SPDX-License-Identifier: MIT in the first two lines"


def guard(path, text):
    if path.suffix != ".h" or path.parts[0] == NOT_C:
        return
    if path.name == "pure.h":  # one pragma, no guard
        return
    parts = path.parts[1:] if path.parts[0] == "include" else path.parts
    name = re.sub(r"\W", "_", "_".join(parts)).upper()
    if not re.search(rf"^#ifndef {name}\n#define {name}$", text, re.MULTILINE):
        yield f"no include guard {name}"


def core_includes(path, text):
    if path.parts[0] != "hv" or path.parts[1] not in CORE:
        return
    for name in INCLUDE.findall(text):
        inside = (ROOT / "include" / name).exists() or (
            name.partition("/")[0] in CORE and (ROOT / "hv" / name).exists())
        if not inside and name not in FREESTANDING:
            yield f"includes {name}: hv/{path.parts[1]} may not know it"


def efi_include(path, text):
    allowed = path.parts[0] == "boot" and path.parts[1] != "rom"
    if path.suffix in (".c", ".h") and not allowed:
        if any(re.match(r"efi\w*\.h$", name) for name in INCLUDE.findall(text)):
            yield "includes <efi.h>, which belongs to boot/"


TEXT_RULES = (size, licence, guard, core_includes, folder_order, tool_order,
              efi_include)


def check_text(path, text):
    return [f"{path}: {why}" for rule in TEXT_RULES for why in rule(path, text)]


def status_rows(readme):
    """[(feature, [tests])] of the table under the heading Status."""
    part = readme.partition("## Status")[2].partition("\n## ")[0]
    rows = [(row[1].strip(), NAMED.findall(row[2]))
            for row in STATUS_ROW.finditer(part)]
    return [row for row in rows[1:] if not set(row[0]) <= set("-: ")]


def status(readme, results):
    """Each row names tests that exist and, with `results`, did pass."""
    names = {test.name for test in tables.load(tables.EVERY)}
    rows = status_rows(readme)
    if not rows:
        return ["README.md: no status table"]
    found = []
    for feature, proofs in rows:
        if not proofs:
            found.append(f"README.md: {feature}: no test")
        for name in proofs:
            if name not in names and name not in STEPS:
                found.append(f"README.md: {feature}: no test {name}")
            ran = results / f"{name}.tsv" if results else None
            if ran and name in names and (not ran.exists() or re.search(
                    r"^FAIL", ran.read_text(), re.MULTILINE)):
                found.append(f"README.md: {feature}: {name} did not pass")
    return found
