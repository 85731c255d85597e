# SPDX-License-Identifier: MIT
"""The rows of the bench that are also measured on KVM, and their results in
docs/results/, which peer/run.py writes."""

from lethe.project import ROOT

RESULTS = ROOT / "docs/results"
BAR, AIM = 4, 8

CALLS = {
    "unknown": "unknown code",
    "self": "0x0003 on self, 1 range",
    "remote": "0x0003 on one other VP, 1 range",
    "both": "0x0003 on all VPs by mask, 1 range",
    "both16": "the same, 16 ranges",
    "both64": "the same, 64 ranges",
    "both400": "the same, 400 ranges",
    "all": "0x0003 on ALL_PROCESSORS, 1 range",
    "space": "0x0002 on all VPs by mask",
}
# Also measured on both, but without a bar
OTHERS = {
    "halted": "0x0003 on one halted VP, 1 range",
    "exact": "as `both`, hypercall page off",
    "exact16": "as `both16`, hypercall page off",
}
# Medians of the KVM of Linux 6.12 in the same emulator, with 2 VPs. Since 6.3
# KVM flushes up to 15 ranges by address; 16 are a full flush.
BY_ADDRESS = {"both": 5225, "both16": 5010}


def read(name):
    """(head lines, rows as dictionaries) of a table of results."""
    lines = (RESULTS / name).read_text().splitlines()
    head = [line[2:] for line in lines if line.startswith("# ")]
    rows = [line.split("\t") for line in lines if not line.startswith("# ")]
    return head, [dict(zip(rows[0], row)) for row in rows[1:]]


def kvm_medians(vps=2):
    """{row: ticks} of the rows with a bar, for the bench and README."""
    _, rows = read("peer-bench.tsv")
    return {row["row"]: int(row["median"]) for row in rows
            if row["peer"] == "kvm" and int(row["vps"]) == vps
            and row["row"] in CALLS}
