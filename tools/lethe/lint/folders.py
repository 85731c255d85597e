# SPDX-License-Identifier: MIT
"""The order of the folders of hv/common and hv/core, from hv/core/files.mk: a
file includes its own folder and those before it. Each folder has a README.
"""

import re

from lethe.project import ROOT

LIST = ROOT / "hv/core/files.mk"
ROW = re.compile(r"^core-folders := ((?:.*\\\n)*.*)$", re.MULTILINE)
INCLUDE = re.compile(r'^\s*#\s*include\s+"((?:core|common)/[^"]+)"',
                     re.MULTILINE)
TOPS = ("common", "core")
README_MAX = 15


def order():
    """The folders, ground first, as `core/cpu`."""
    found = ROW.search(LIST.read_text())
    return found[1].replace("\\\n", " ").split() if found else []


def folder_order(path, text, folders=tuple(order())):
    """Complaints about one file's includes, for rules.py"""
    if path.parts[0] != "hv" or path.parts[1] not in TOPS or \
            path.suffix not in (".c", ".h"):
        return
    mine = "/".join(path.parts[1:-1])
    if mine not in folders:
        yield f"hv/{mine} is not in the list of hv/core/files.mk"
        return
    for name in INCLUDE.findall(text):
        other = name.rpartition("/")[0]
        if other not in folders[:folders.index(mine) + 1]:
            yield (f"includes {name}: {other} does not come before {mine} "
                   "in hv/core/files.mk")


def check():
    """What is wrong with the folders themselves, for lint/run.py"""
    real = {str(path.relative_to(ROOT / "hv")) for top in TOPS
            for path in (ROOT / "hv" / top).iterdir() if path.is_dir()}
    found = [f"hv/{name}: in the list of hv/core/files.mk, not in the tree"
             for name in order() if name not in real]
    for name in sorted(real):
        path = ROOT / "hv" / name / "README.md"
        if not path.exists():
            found.append(f"hv/{name}: no README.md")
        elif path.read_text().count("\n") > README_MAX:
            found.append(f"hv/{name}/README.md: more than {README_MAX} lines")
    return found
