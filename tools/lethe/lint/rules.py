# SPDX-License-Identifier: MIT
"""The project's own rules about the text of a file; each returns complaints.

They check its size, licence line, include guard, the includes of hv/core, the
order of folders, <efi.h>, and README's status table.
"""

import re

from lethe.boot_tests import tables
from lethe.lint.folders import folder_order
from lethe.lint.tool_folders import tool_order
from lethe.project import ROOT
from lethe.sources import NOT_C

LINES_MANY = 400  # more give a warning, except in data of tables
DATA = re.compile(r"include/\w+\.toml")
LINES_MAX = {"Makefile": 200, "README.md": 150}
CODE = {".c", ".h", ".S", ".inc", ".def", ".py", ".mk", ".sh", ".lds",
        ".toml"}
CODE_NAMES = {"Makefile", ".clang-tidy", "run"}
CORE = ("common", "core")  # folders of hv/ without privileged instructions
FREESTANDING = {"stdint.h", "stddef.h", "stdbool.h", "stdarg.h"}
INCLUDE = re.compile(r'^\s*#\s*include\s+[<"]([^>"]+)[>"]', re.MULTILINE)
STATUS_ROW = re.compile(r"^\|([^|]*)\|(.*)\|\s*$", re.MULTILINE)
NAMED = re.compile(r"`([^`]+)`")

# Steps of `make check` that README's status table may name as tests
STEPS = {"lint", "unit", "unit-clang", "coverage", "explore", "spin", "fuzz",
         "reproducible", "mutants", "bench", "kvm-run", "trace", "first hour",
         "debug", "console", "linux"}


def is_code(path):
    return path.suffix in CODE or path.name in CODE_NAMES


def size(path, text):
    limit = LINES_MAX.get(path.name)
    count = text.count("\n")
    if limit and count > limit:
        yield f"expected at most {limit} lines, found {count}"
    if is_code(path) and text and not text.endswith("\n"):
        yield "expected a newline at the end of the file, found none"


def warnings(path, text):
    """Warnings, which do not make lint fail."""
    count = text.count("\n")
    if (count > LINES_MANY and is_code(path) and path.name not in LINES_MAX
            and not DATA.fullmatch(str(path))):
        yield (f"{path}: {count} lines, more than {LINES_MANY}: split it if it "
               "decides two things")


def licence(path, text):
    head = "\n".join(text.split("\n")[:2])
    if is_code(path) and "SPDX-License-Identifier: MIT" not in head:
        yield ("expected SPDX-License-Identifier: MIT in the first two lines, "
               "found none")


def guard(path, text):
    if path.suffix != ".h" or path.parts[0] == NOT_C:
        return
    if path.name == "pure.h":  # one pragma, no guard
        return
    parts = path.parts[1:] if path.parts[0] == "include" else path.parts
    name = re.sub(r"\W", "_", "_".join(parts)).upper()
    if not re.search(rf"^#ifndef {name}\n#define {name}$", text, re.MULTILINE):
        yield f"expected the include guard {name}, found none of that name"


def core_includes(path, text):
    if path.parts[0] != "hv" or path.parts[1] not in CORE:
        return
    for name in INCLUDE.findall(text):
        inside = (ROOT / "include" / name).exists() or (
            name.partition("/")[0] in CORE and (ROOT / "hv" / name).exists())
        if not inside and name not in FREESTANDING:
            yield (f"includes {name}: hv/{path.parts[1]} may only include "
                   "include/, hv/common, hv/core and freestanding headers")


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
    """Complaints unless each row names tests that exist and, with `results`,
    that passed."""
    names = {test.name for test in tables.load(tables.EVERY)}
    rows = status_rows(readme)
    if not rows:
        return ["README.md: expected a table below the heading Status, found "
                "none"]
    found = []
    for feature, proofs in rows:
        if not proofs:
            found.append(f"README.md: {feature}: expected the name of a test, "
                         "found none")
        for name in proofs:
            if name not in names and name not in STEPS:
                found.append(f"README.md: {feature}: expected a boot test or a "
                             f"step, found `{name}`")
            ran = results / f"{name}.tsv" if results else None
            if ran and name in names and (not ran.exists() or re.search(
                    r"^FAIL", ran.read_text(), re.MULTILINE)):
                found.append(f"README.md: {feature}: expected that {name} "
                             "passed, found a failure or no result")
    return found
