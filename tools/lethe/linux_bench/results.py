# SPDX-License-Identifier: MIT
"""docs/results/linux-bench.tsv: the results of each row, and of which inputs.

A line has the row, a part and words KEY=VALUE. The part `inputs` has a hash of
all that the run was made of.
"""

import dataclasses

from lethe.project import ROOT

PATH = ROOT / "docs/results/linux-bench.tsv"
HEAD = ("# Written by make linux-bench: Linux on Lethe in Bochs; times in "
        "ticks of the TSC\nrow\tpart\tvalues\n")


@dataclasses.dataclass
class Result:
    """`about`: {key: word} of the part `inputs`; `parts`: parse.parts()."""

    about: dict
    parts: dict


def words(text):
    return dict(word.split("=", 1) for word in text.split())


def load(path=PATH):
    """{row: Result}"""
    found = {}
    lines = path.read_text().splitlines() if path.exists() else []
    for line in lines:
        if line.startswith(("#", "row\t")) or not line:
            continue
        row, part, text = line.split("\t")
        result = found.setdefault(row, Result({}, {}))
        if part == "inputs":
            result.about = words(text)
        else:
            result.parts[part] = {key: int(value) for key, value in
                                  words(text).items()}
    return found


def line(row, part, values):
    return f"{row}\t{part}\t" + " ".join(
        f"{key}={value}" for key, value in values.items()) + "\n"


def store(found, order, path=PATH):
    """Writes {row: Result}, in that order of names; others are left out."""
    text = HEAD
    for row in order:
        if row in found:
            text += line(row, "inputs", found[row].about)
            text += "".join(line(row, part, values) for part, values in
                            found[row].parts.items())
    path.write_text(text)
