# SPDX-License-Identifier: MIT
"""Reads tests/refusals.toml, the table of all refusals of hypercalls.

--rows FILE writes the C rows that the suite `calls` of the test guest includes;
the build calls this. write.py writes the table of docs/abi.md. Without --rows
the tool prints which refusals have no test.
"""

import pathlib
import tomllib

from lethe import cli
from lethe.project import ROOT

TABLE = ROOT / "tests/refusals.toml"
EXPECTED = ROOT / "tests/expected"
FIELDS = {"when", "status", "tlfs", "decision", "peers", "rows", "tests",
          "unreachable"}
UD = "UD"
SUSPENDED = "SUSPENDED"
PEERS = ("KVM", "Xen", "OpenVMM")
SHOWN = 5  # rows of suite calls that the document names


def load():
    """{number: refusal} in the order of the checks."""
    table = tomllib.loads(TABLE.read_text())
    for number, row in table.items():
        strange = row.keys() - FIELDS
        if strange:
            raise SystemExit(f"{TABLE.name}: {number}: expected the fields "
                             f"{sorted(FIELDS)}, found {sorted(strange)}")
    return table


def statuses():
    return tomllib.loads((ROOT / "include/abi.toml").read_text())["status"]


# ---- the guest's rows

def guest_row(refusal, name, control, fields="", needs="0"):
    fault = refusal["status"] == UD
    status = "0" if fault else f"HV_STATUS_{refusal['status']}"
    more = [word for word in (fields, ".fault = TRAP_UD" if fault else "")
            if word]
    tail = ", ".join([f'"TLFS: {refusal["tlfs"]}"', f'"{name}"', needs, control,
                      status, *more])
    return f"\tREFUSED({tail}),\n"


def guest_rows(table):
    text = "/* SPDX-License-Identifier: MIT */\n"
    text += "/* Generated from tests/refusals.toml. */\n"
    for number, refusal in table.items():
        if "rows" in refusal:
            text += f"\t/* {number}: {refusal['when']} */\n"
        text += "".join(guest_row(refusal, *row)
                        for row in refusal.get("rows", ()))
    return text


# ---- the document's table

def answer(status, values, told):
    """A status as the document shows it: with its name at its first use."""
    if status == UD:
        return "#UD"
    if status == SUSPENDED:
        return "the caller is suspended"
    value = values.get(status, 0)
    number = str(value) if value < 10 else f"0x{value:02X}"
    if status in told:
        return number
    told.add(status)
    return f"{number} {status}"


def named(refusal):
    rows = [f"calls/{row[0]}" for row in refusal.get("rows", ())]
    hidden = len(rows) - SHOWN
    names = [f"`{name}`" for name in
             [*rows[:SHOWN], *refusal.get("tests", ())]]
    if hidden > 0:
        names.insert(SHOWN, f"{hidden} more of `calls`")
    if "unreachable" in refusal:
        names.append(f"no guest test: {refusal['unreachable']}")
    return ", ".join(names)


def document(table):
    """The table of docs/abi.md."""
    values = statuses()
    told = set()
    heads = ("#", "condition", "answer", *PEERS, "TLFS heading", "decision",
             "tests")
    lines = [heads, ("---",) * len(heads)]
    for number, refusal in table.items():
        lines.append((number, refusal["when"],
                      answer(refusal["status"], values, told),
                      *refusal.get("peers", ("-",) * len(PEERS)),
                      refusal["tlfs"], refusal.get("decision", ""),
                      named(refusal)))
    return "".join("|" + "|".join(f" {cell} " if cell else " "
                                  for cell in line) + "|\n" for line in lines)


# ---- what must hold

def expected_names():
    """The names of all guest checks that some boot test expects to pass."""
    found = set()
    for path in EXPECTED.glob("*.tsv"):
        found |= {line.split("\t")[1]
                  for line in path.read_text().splitlines()
                  if line.startswith("PASS\t")}
    return found


def complaints(table):
    values = statuses()
    passing = expected_names()
    seen = set()
    for number, refusal in table.items():
        rows = [f"calls/{row[0]}" for row in refusal.get("rows", ())]
        guest = rows + [name for name in refusal.get("tests", ())
                        if not name.startswith("unit/")]
        unit = len(refusal.get("tests", ())) + len(rows) - len(guest)
        if refusal["status"] not in values.keys() | {UD, SUSPENDED}:
            yield (f"{number}: expected a status of include/abi.toml, {UD} or "
                   f"{SUSPENDED}, found {refusal['status']}")
        if len(refusal.get("peers", PEERS)) != len(PEERS):
            yield f"{number}: peers: expected one for each of {PEERS}"
        if guest and "unreachable" in refusal:
            yield (f"{number}: expected guest checks or `unreachable`, found "
                   "both")
        if not guest and not (unit and "unreachable" in refusal):
            yield (f"{number}: expected a guest check, or a host test and "
                   "`unreachable`, found neither")
        yield from (f"{number}: expected checks that pass in a file of "
                    f"tests/expected, found {name}" for name in guest
                    if name not in passing)
        yield from (f"{number}: expected names that differ, found {name} twice"
                    for name in rows if name in seen)
        seen |= set(rows)


def check():
    """Complaints, for lint/run.py."""
    return [f"{TABLE.name}: {why}" for why in complaints(load())]


def main():
    parser = cli.Parser("refusals", __doc__)
    parser.add_argument("--rows", metavar="FILE", type=pathlib.Path)
    args = parser.parse_args()
    if args.rows:
        args.rows.write_text(guest_rows(load()))
        return 0
    found = check()
    print("\n".join(found) or "each refusal has its tests")
    return 1 if found else 0


if __name__ == "__main__":
    cli.main("refusals", main)
