# SPDX-License-Identifier: MIT
"""How the findings of the sanitizer are compared with the guest's seeds."""

from lethe.boot_tests import sanitize

LINES = ["# seed_no_flush 0x1000 0x5000", "ok 2 - sanitize/no_flush",
         "# seed_cleaned 0x1008 0x6000"]
FIRST = ("[1] guest: sanitize finding kind=frame vp=1 rip=0x1000 gva=0x5000 "
         "access=read cpl=0 leaf=0x1 entry=0x2\n")
SECOND = ("[1] guest: sanitize finding kind=dirty vp=1 rip=0x1008 gva=0x6000 "
          "access=write cpl=0 leaf=0x1 entry=0x2\n")
END = ("[0] guest: sanitize compared=9 lazy=0 armed=3 uses=3 flushed=1 "
       "granted=0 lost=0 findings={}\n")


def wrong(lines, text):
    return [what for what, why in sanitize.compare(lines, text) if why]


def test_every_seed_is_found():
    assert not wrong(LINES, FIRST + SECOND + END.format(2))


def test_no_seed_and_no_finding():
    assert not wrong([], END.format(0))


def test_missing_finding():
    assert wrong(LINES, FIRST + END.format(1)) == ["findings", "summary"]


def test_finding_without_seed():
    text = FIRST + SECOND + END.format(2)
    assert wrong(LINES[:2], text) == ["findings", "summary"]


def test_finding_that_was_only_counted():
    assert wrong(LINES, FIRST + SECOND + END.format(3)) == ["summary"]


def test_other_place_or_kind():
    other = FIRST.replace("gva=0x5000", "gva=0x5008")
    assert wrong(LINES, other + SECOND + END.format(2)) == ["findings"]
    other = SECOND.replace("dirty", "frame")
    assert wrong(LINES, FIRST + other + END.format(2)) == ["findings"]


def test_sanitizer_that_is_off_or_idle():
    assert wrong([], "") == ["summary"]
    assert wrong([], END.format(0).replace("armed=3", "armed=0")) == ["work"]
