# SPDX-License-Identifier: MIT
"""Compares the tags of the Spin model with those of the sources.

A tag is a comment `model: B3 flush_others`: a barrier or check, and the C
function (or label of an assembly file) that holds it; `model: B1 C1
flush_others` is two. Both sides must have
the same pairs; in the sources the comment must stand inside that function.
"""

import re

from lethe import cli
from lethe.project import ROOT

MODELS = ROOT / "docs/models"
SOURCES = ("hv/common", "hv/core", "hv/vmx", "hv/x86")
TAGS = re.compile(r"\bmodel: ((?:[BC]\d+ )+)(\w+)")
USE = re.compile(r"\b(?:BARRIER|CHECK)\(([BC]\d+)\)")
# A line that begins a function (the name before its parenthesis) or a label
BEGINS = re.compile(r"^(?:(?:[a-z_][\w\s*]*[\s*])?(\w+)\([^;\n]*$|(\w+):)",
                    re.MULTILINE)


def order(tag):
    return tag[0], int(tag[1:])


def models():
    return sorted(path for path in MODELS.iterdir()
                  if path.suffix in (".pml", ".h"))


def in_model():
    """Tags that can be removed from the model."""
    text = "".join(path.read_text() for path in models())
    return sorted(set(USE.findall(text)), key=order)


def holder(text, at):
    """The function or label that the position lies in; "" outside."""
    name = ""
    for found in BEGINS.finditer(text, 0, at):
        name = found[1] or found[2]
    return name


def pairs_of(found):
    """{(tag, function)} of a comment"""
    return {(tag, found[2]) for tag in found[1].split()}


def model_pairs():
    text = "".join(path.read_text() for path in models())
    return set().union(*map(pairs_of, TAGS.finditer(text)))


def source_pairs():
    """(pairs, complaints about their places)"""
    pairs, wrong = set(), []
    for folder in SOURCES:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix not in (".c", ".h", ".S"):
                continue
            text = path.read_text()
            for found in TAGS.finditer(text):
                pairs |= pairs_of(found)
                inside = holder(text, found.start())
                if inside != found[2]:
                    wrong.append(f"{path.relative_to(ROOT)}: {found[0]}: "
                                 f"stands in {inside or 'no function'}")
    return pairs, wrong


def check():
    """Complaints, for lint/run.py"""
    model = model_pairs()
    sources, wrong = source_pairs()
    named = {tag for tag, _ in model}
    used = set(in_model())
    return (wrong
            + [f"docs/models: {tag} names no function"
               for tag in sorted(used - named, key=order)]
            + [f"docs/models: {tag} cannot be removed"
               for tag in sorted(named - used, key=order)]
            + [f"docs/models: {tag} {name}: no such comment in the sources"
               for tag, name in sorted(model - sources)]
            + [f"hv: {tag} {name}: not in docs/models"
               for tag, name in sorted(sources - model)])


def main():
    parser = cli.Parser("model_tags", __doc__)
    parser.parse_args()
    found = check()
    print("\n".join(found + [f"{len(model_pairs())} tags, "
                             f"{len(found)} differences"]))
    return 1 if found else 0


if __name__ == "__main__":
    cli.main("model_tags", main)
