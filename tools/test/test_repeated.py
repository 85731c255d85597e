# SPDX-License-Identifier: MIT
"""The lint rule about code that stands twice."""

import pytest

from lethe.lint import repeated

OFF, ON = "/* clang-format off */", "/* clang-format on */"


def code(count, name="a"):
    """As many lines, each another one"""
    return [f"\t{name} = {name} + {number};" for number in range(count)]


def places(**files):
    """Where complaints say that code stands; a file is a list of lines"""
    texts = {f"{name}.c": "\n".join(lines) + "\n"
             for name, lines in files.items()}
    return [why.partition(": ")[0] for why in repeated.complaints(texts)]


def test_across_files():
    two = ["/* two", " * lines */", *code(9)]
    assert places(one=["int x;", *code(9)], two=two) == [
        "one.c:2-10 and two.c:3-11"]


def test_in_one_file():
    assert places(one=[*code(9), "int x;", *code(9)]) == [
        "one.c:1-9 and one.c:11-19"]


def test_at_three_places():
    assert places(one=code(9), two=code(9), three=code(9)) == [
        "one.c:1-9 and two.c:1-9", "two.c:1-9 and three.c:1-9"]


def test_eight_lines_are_fine():
    assert not places(one=[*code(8), "int x;", *code(8)], two=code(8))


def test_a_longer_run_is_one_complaint():
    assert places(one=code(40), two=code(40)) == ["one.c:1-40 and two.c:1-40"]


def test_a_line_that_repeats_itself():
    assert not places(one=["\tstep();"] * 17)
    assert places(one=["\tstep();"] * 18) == ["one.c:1-9 and one.c:10-18"]
    assert places(one=code(9) * 3) == ["one.c:1-9 and one.c:10-18"]


@pytest.mark.parametrize("line", (
    "", "\t}", "\t/* two */", "\t/* two\n\t * lines */", "\t// a word",
    "/* SPDX-License-Identifier: MIT */", '#include "a.h"', "# include <a.h>"),
    ids=("an empty line", "punctuation", "a comment", "a long comment",
         "a comment of C++", "the licence", "an include", "a system include"))
def test_does_not_count(line):
    lines = code(9)
    assert len(places(one=lines, two=[*lines[:4], line, *lines[4:]])) == 1
    assert not places(one=[*lines[:8], line], two=[*lines[:8], line])


def test_layout_and_comments_at_the_end_do_not_count():
    other = [f"  {line.strip().replace(' = ', '  =  ')} /* {number} */"
             for number, line in enumerate(code(9))]
    assert len(places(one=code(9), two=other)) == 1


def test_no_comment_begins_in_a_string():
    lines = ['\tputs("/*");', *code(9), '\tputs("*/");']
    assert places(one=lines, two=lines) == ["one.c:1-11 and two.c:1-11"]


@pytest.mark.parametrize("begin, end", (
    (OFF, ON), ("/* generated: keys, from a.toml */", "/* end: keys */"),
    (f"/* generated: keys, from a.toml */\n{OFF}", f"{ON}\n/* end: keys */")),
    ids=("fence", "generated", "both"))
def test_exempt(begin, end):
    lines = [begin, *code(20), end]
    assert not places(one=lines, two=lines)
    # It begins and ends there
    assert not places(one=[*code(5), *lines, *code(5, "b")],
                      two=[*code(5), *lines, *code(5, "b")])
    assert len(places(one=[*lines, *code(9, "b")],
                      two=[*lines, *code(9, "b")])) == 1


def test_says_what_to_do():
    why, = repeated.complaints({"one.c": "\n".join(code(12)),
                                "two.c": "\n".join(code(12))})
    assert "expected at most 8 lines" in why
    assert "found 12: write them once" in why
