# SPDX-License-Identifier: MIT
"""No run of more than MOST lines of C code stands twice, in one file or in two.

Comments, empty lines, lines of punctuation, #include lines and the layout of a
line do not count. Tables between `clang-format off` and `on` and what `make
tables` writes are exempt; a run ends there. Debian's sim_c is not used because
it takes all names and all numbers for the same and counts tokens, so it would
refuse code that is merely alike, and it knows no exempt lines.
"""

import re

from lethe.project import ROOT
from lethe.sources import walk

MOST = 8
TOPS = ("hv", "boot", "guest-test", "tools/kvm-run", "tools/lethe-trace",
        "include")

# A comment, or a string or character, in which no comment begins
COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*|\"(?:[^\"\\\n]|\\.)*\""
                     r"|'(?:[^'\\\n]|\\.)*'", re.DOTALL)
BEGIN = re.compile(r"/\* clang-format off|/\* generated: ")
END = re.compile(r"/\* clang-format on|/\* end: ")
PASSED_OVER = re.compile(r"\W*|#\s*include\b.*")


def without_comment(found):
    """A comment becomes a space, or the ends of its lines"""
    word = found[0]
    return word if word[0] in "\"'" else "\n" * word.count("\n") or " "


def exempt_lines(text):
    """The numbers of the lines in fences, from 0"""
    inside = 0
    for number, line in enumerate(text.split("\n")):
        inside += len(BEGIN.findall(line))
        if inside:
            yield number
        inside = max(inside - len(END.findall(line)), 0)


def code_lines(text):
    """[(number of the line from 1, its code)]; None ends a run"""
    exempt = set(exempt_lines(text))
    lines = []
    for number, line in enumerate(COMMENT.sub(without_comment,
                                              text).split("\n")):
        code = " ".join(line.split())
        if number in exempt:
            lines.append(None)
        elif not PASSED_OVER.fullmatch(code):
            lines.append((number + 1, code))
    return lines


def overlap(one, other):
    """Do runs of MOST + 1 lines at these places have a line in common?"""
    return one[0] == other[0] and abs(one[1] - other[1]) <= MOST


class Runs:
    """The code lines of all files, and where each run of MOST + 1 stands."""

    def __init__(self, files):
        self.files = {path: code_lines(text) for path, text in files.items()}
        self.places = {}
        for path, lines in self.files.items():
            for at in range(len(lines) - MOST):
                run = lines[at:at + MOST + 1]
                if None not in run:
                    key = tuple(code for _, code in run)
                    self.places.setdefault(key, []).append((path, at))

    def same(self, one, other, offset):
        """Are the lines at this distance from both places the same code?"""
        lines = []
        for path, at in (one, other):
            inside = 0 <= at + offset < len(self.files[path])
            lines.append(self.files[path][at + offset] if inside else None)
        return None not in lines and lines[0][1] == lines[1][1]

    def length(self, one, other):
        """Of the run that stands at both; they do not overlap"""
        count = MOST + 1
        while self.same(one, other, count):
            count += 1
        return min(count, other[1] - one[1]) if one[0] == other[0] else count

    def repeated(self):
        """(place, place, length), each as long as it can be"""
        for places in self.places.values():
            for number, one in enumerate(places):
                other = next((place for place in places[number + 1:]
                              if not overlap(one, place)), None)
                if other and not self.same(one, other, -1):
                    yield one, other, self.length(one, other)

    def name(self, place, count):
        path, at = place
        lines = self.files[path][at:at + count]
        return f"{path}:{lines[0][0]}-{lines[-1][0]}"


def complaints(files):
    """Of {path: text}"""
    runs = Runs(files)
    return [f"{runs.name(one, count)} and {runs.name(other, count)}: expected "
            f"at most {MOST} lines of the same code, found {count}: write them "
            "once, as a function, a table or a header that both use"
            for one, other, count in runs.repeated()]


def check():
    """Complaints, for lint/run.py"""
    return complaints({
        str(path): (ROOT / path).read_text() for path in walk()
        if path.suffix in (".c", ".h") and
        any(path.is_relative_to(top) for top in TOPS)})
