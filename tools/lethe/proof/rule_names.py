# SPDX-License-Identifier: MIT
"""Compares the names of rules in the sources, in the Spin model and in
docs/rules.md.

In hv/ and its tests a comment `rule: bounded-waits`, or `rule: wake-all,
look-before-idle`, names rules of docs/rules.md. A rule of its table of steps
is also a BARRIER() or CHECK() of the model, with `_` for `-`, and its comment
is in the function (or at the label of an assembly file) that its row names.
The tool complains of names without a row, of rows that no comment in hv/
names, of steps that only the table or only the model has, and of names in
docs/concurrency.md and the tables of docs/models/README.md that have no row.
"""

import re

from lethe import cli
from lethe.project import ROOT

MODELS = ROOT / "docs/models"
RULES = ROOT / "docs/rules.md"
DESIGN, STEPS = "## 1. Rules of the design", "## 2. Steps of the protocol"
TESTS = "hv/test"
# Documents that name rules, and where: in the first cell of rows; names of at
# least three words
CITING = (("docs/models/README.md", r"^\| (`.*?`) \|"),
          ("docs/concurrency.md", r"(`[a-z0-9]+(?:-[a-z0-9]+){2,}`)"))
NAME = r"[a-z0-9]+(?:-[a-z0-9]+)+"
COMMENT = re.compile(rf"\brule:\s+(?:\* )?({NAME}(?:,\s+(?:\* )?{NAME})*)")
BEGUN = re.compile(r"\brule:(?=\s)(?! %)")  # " %": a format
USE = re.compile(r"\b(?:BARRIER|CHECK)\((\w+)\)")
ROW = re.compile(rf"^\| `({NAME})` \| (?:`(\w+)` \| )?", re.MULTILINE)
# A line that begins a function (the name before its parenthesis) or a label
BEGINS = re.compile(r"^(?:(?:[a-z_][\w\s*]*[\s*])?(\w+)\([^;\n]*$|(\w+):)",
                    re.MULTILINE)


def models():
    return sorted(path for path in MODELS.iterdir()
                  if path.suffix in (".pml", ".h"))


def in_model(text=None):
    """Steps that can be removed from the model."""
    if text is None:
        text = "".join(path.read_text() for path in models())
    return sorted({name.replace("_", "-") for name in USE.findall(text)
                   if name != "rule"})  # the parameter of the macros


def holder(text, at):
    """The function or label that the position lies in; "" outside."""
    name = ""
    for found in BEGINS.finditer(text, 0, at):
        name = found[1] or found[2]
    return name


def comments(text):
    """[(name, the function that holds the comment)]; the name is None where a
    comment has none"""
    found = [(name, holder(text, one.start())) for one in
             COMMENT.finditer(text)
             for name in re.findall(NAME, one[1])]
    bad = len(BEGUN.findall(text)) - len(COMMENT.findall(text))
    return found + [(None, "")] * bad


def tables(text):
    """(names of the design's rules, {step: function})"""
    parts = [text.partition(f"\n{title}\n")[2].partition("\n## ")[0]
             for title in (DESIGN, STEPS)]
    design, steps = ([found.groups() for found in ROW.finditer(part)]
                     for part in parts)
    return {name for name, _ in design}, dict(steps)


def sources():
    """{path: text} of hv/"""
    return {str(path.relative_to(ROOT)): path.read_text()
            for path in sorted((ROOT / "hv").rglob("*"))
            if path.suffix in (".c", ".h", ".S")}


def compare(design, steps, model, files):
    """Complaints; `model`: names, `files`: {path: text}"""
    wrong, used, placed = [], set(), set()
    for path, text in files.items():
        for name, inside in comments(text):
            if name is None:
                wrong.append(f"{path}: `rule:`: expected a name of two words "
                             "or more after it, found none")
            elif name not in design and name not in steps:
                wrong.append(f"{path}: rule {name}: no row in docs/rules.md")
            elif path.startswith(TESTS):
                continue
            elif name in steps and inside == steps[name]:
                placed.add(name)
            elif name in design:
                used.add(name)
            else:
                wrong.append(f"{path}: rule {name}: stands in "
                             f"{inside or 'no function'}, expected in "
                             f"{steps[name]}")
    used |= placed & design
    return (wrong
            + [f"docs/rules.md: {name}: no comment in hv/ names it"
               for name in sorted(design - used)]
            + [f"docs/rules.md: {name}: no comment in {steps[name]}"
               for name in sorted(steps.keys() - placed)]
            + [f"docs/rules.md: {name}: not in docs/models"
               for name in sorted(steps.keys() - set(model))]
            + [f"docs/models: {name}: no row in docs/rules.md"
               for name in sorted(set(model) - steps.keys())])


def selftest():
    """A complaint unless compare() finds each kind of disagreement."""
    design, steps = tables(f"\n{DESIGN}\n\n| `a-a` | x | y |\n| `b-b` | x |\n"
                           f"\n{STEPS}\n\n| `c-c` | `f` | x |\n"
                           "| `d-d` | `g` | x |\n| `e-e` | `h` | x |\n\n## 3")
    files = {"hv/x.c": "/* rule: a-a, no-row */\nvoid f(void)\n{\n"
                       "\t/* rule: c-c,\n\t   d-d */\n}\n/* rule: one */\n"}
    model = in_model("CHECK(c_c) BARRIER(d_d) CHECK(f_f)")
    wanted = ["hv/x.c: rule no-row: no row in docs/rules.md",
              "hv/x.c: rule d-d: stands in f, expected in g",
              "hv/x.c: `rule:`: expected a name of two words or more after it, "
              "found none",
              "docs/rules.md: b-b: no comment in hv/ names it",
              "docs/rules.md: d-d: no comment in g",
              "docs/rules.md: e-e: no comment in h",
              "docs/rules.md: e-e: not in docs/models",
              "docs/models: f-f: no row in docs/rules.md"]
    return [] if compare(design, steps, model, files) == wanted else \
        ["rule_names.py: its test of itself failed: compare() does not find "
         "all that it should"]


def unknown(path, text, pattern, names):
    """Complaints about names in a document that have no row"""
    return [f"{path}: {name}: no row in docs/rules.md"
            for found in re.findall(pattern, text, re.MULTILINE)
            for name in re.findall(NAME, found) if name not in names]


def check():
    """Complaints, for lint/run.py"""
    design, steps = tables(RULES.read_text())
    found = selftest() + compare(design, steps, in_model(), sources())
    for path, pattern in CITING:
        found += unknown(path, (ROOT / path).read_text(), pattern,
                         design | steps.keys())
    return found


def main():
    parser = cli.Parser("rule_names", __doc__)
    parser.parse_args()
    found = check()
    design, steps = tables(RULES.read_text())
    print("\n".join(found + [f"{len(design | steps.keys())} rules, "
                             f"{len(found)} differences"]))
    return 1 if found else 0


if __name__ == "__main__":
    cli.main("rule_names", main)
