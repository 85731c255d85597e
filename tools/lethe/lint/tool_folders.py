# SPDX-License-Identifier: MIT
"""Checks the order of the folders of tools/lethe, which its __init__.py lists:
a module imports its own folder and those before it. Each folder of tools has a
README.
"""

import re

from lethe import FOLDERS
from lethe.lint.folders import README_MAX
from lethe.project import ROOT, TOOLS

IMPORT = re.compile(r"^\s*(?:from|import) lethe\.(\w+)", re.MULTILINE)


def tool_order(path, text):
    """Complaints about one module's imports, for rules.py"""
    if path.parts[:2] != ("tools", "lethe") or path.suffix != ".py":
        return
    mine = path.parts[2] if len(path.parts) > 3 else None
    if mine and mine not in FOLDERS:
        yield (f"expected {mine} in FOLDERS of tools/lethe/__init__.py, found "
               "none")
        return
    before = FOLDERS[:FOLDERS.index(mine) + 1] if mine else ()
    for other in IMPORT.findall(text):
        if other in FOLDERS and other not in before:
            yield (f"imports lethe.{other}, which does not come before "
                   f"{mine or 'the modules beside __init__.py'} in FOLDERS of "
                   "tools/lethe/__init__.py")


def readme(folder):
    name = folder.relative_to(ROOT)
    path = folder / "README.md"
    if not path.exists():
        yield f"{name}: expected a README.md, found none"
    elif path.read_text().count("\n") > README_MAX:
        yield f"{name}/README.md: expected at most {README_MAX} lines"


def is_module(path):
    return path.suffix == ".py" or (path / "__init__.py").exists()


def check():
    """What is wrong with the folders themselves, for lint/run.py"""
    for path in sorted([*TOOLS.iterdir(), *(TOOLS / "lethe").iterdir()]):
        if path.is_dir() and path.name != "__pycache__":
            yield from readme(path)
    # Python searches tools before its own library: a module there may hide one
    for path in sorted(TOOLS.iterdir()):
        if is_module(path) and path.name != "lethe":
            yield (f"tools/{path.name}: expected no module beside tools/lethe: "
                   "move it into a folder there")
    for name in FOLDERS:
        if not (TOOLS / "lethe" / name).is_dir():
            yield (f"tools/lethe/{name}: expected a folder, as FOLDERS of "
                   "tools/lethe/__init__.py lists it, found none")
