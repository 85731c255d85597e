# SPDX-License-Identifier: MIT
"""Judges what the sanitizer has found: each seeded mistake of the suite
sanitize (guest-test/suites/sanitize), and nothing else."""

import re

SEED = re.compile(r"^# seed_(\w+) (0x[0-9a-f]+) (0x[0-9a-f]+)$")
FINDING = re.compile(r"^\[\d+\] guest: sanitize finding kind=(\w+) vp=(\d+) "
                     r"rip=(0x[0-9a-f]+) gva=(0x[0-9a-f]+) ", re.MULTILINE)
SUMMARY = re.compile(r"^\[\d+\] guest: sanitize compared=(\d+) lazy=\d+ "
                     r"armed=(\d+) uses=(\d+) .* findings=(\d+)$",
                     re.MULTILINE)
# How the guest's entry differs; of all others: by the frame
KINDS = {"unmapped": "absent", "moved": "absent", "table_freed": "table",
         "lazy_skipped": "table", "write_protected": "rights",
         "split_and_changed": "rights", "cleaned": "dirty"}
USER = "1"  # the VP that uses the pages


def wanted(lines):
    """The findings that the guest's seeds call for, in their order."""
    found = [match for match in map(SEED.match, lines) if match]
    return [(KINDS.get(seed[1], "frame"), USER, seed[2], seed[3])
            for seed in found]


def text_of(findings):
    return "; ".join(" ".join(one) for one in findings) or "none"


def compare(lines, text):
    """[(what, why it is wrong; empty: it is right)] for the guest's lines and
    the whole console."""
    seeds, findings = wanted(lines), FINDING.findall(text)
    summary = SUMMARY.search(text)
    if not summary:
        return [("summary", "expected the sanitizer's last line, found none")]
    compared, armed, uses, count = map(int, summary.groups())
    why = ("" if findings == seeds else
           f"expected {text_of(seeds)}, found {text_of(findings)}")
    return [("findings", why),
            ("summary", "" if count == len(seeds) else
             f"expected findings={len(seeds)}, found {count}"),
            ("work", "" if compared and armed and uses else
             "expected leaves compared, armed and used, found "
             f"{compared}, {armed} and {uses}")]
