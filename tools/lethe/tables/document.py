# SPDX-License-Identifier: MIT
"""Makes the tables of docs/abi.md and docs/config.md from include/abi.toml."""

import itertools

from lethe.tables.abi import Wrong, bit_of, find, group_of, profile_bits

ABI = "docs/abi.md"
CONFIG = "docs/config.md"
INTEGERS = {"u8": 1, "u16": 2, "u32": 4, "u64": 8}


def table(head, rows):
    """A table in Markdown; an empty cell is one blank."""
    lines = [head, ["---"] * len(head), *rows]
    if any(len(line) != len(head) for line in lines):
        raise Wrong(f"table {head}: expected {len(head)} cells in each row, "
                    "found another number")
    return "".join("|" + "|".join(
        cell if cell == "---" else f" {cell} " if cell else " "
        for cell in map(str, line)) + "|\n" for line in lines)


# ---- words of the control word, flags, layouts

def low(row):
    """The lowest bit of a row's first range."""
    return int(row["bits"].split(", ")[0].rpartition(":")[2])


def words(abi):
    halves = [[(row["bits"], row["what"])
               for row in sorted(abi[name]["rows"], key=low)]
              for name in ("control", "result")]
    return table(["control word", "", "result word", ""],
                 [[*left, *right] for left, right in
                  itertools.zip_longest(*halves, fillvalue=("", ""))])


def flag_rows(abi, name):
    for row in abi[name]["rows"]:
        bits = [str(bit) for bit in row.get("bits", {}).values()]
        yield [("bits " if len(bits) > 1 else "bit ") + ", ".join(bits)
               if bits else "others", row["shown"], row["what"]]


def offsets(abi, *structs):
    """Offsets of the structs' fields, a column for each struct."""
    rows = [find(abi, "layout", name, "struct") for name in structs]
    cells = [{field[0]: field[2] for field in row["fields"]} for row in rows]
    return table(["offset", *(row["what"] for row in rows)],
                 [[offset, *(column.get(offset, "") for column in cells)]
                  for offset in sorted(set().union(*cells))])


# ---- calls

def size_of(abi, row, key):
    """Bytes of a call's header, element or output."""
    name = row.get(key, "")
    if name.startswith("struct "):
        struct = name.removeprefix("struct ")
        return find(abi, "layout", struct, "struct")["size"]
    if name and name not in INTEGERS:
        raise Wrong(f"call {row['name']}: expected a struct or one of "
                    f"{list(INTEGERS)}, found the type {name}")
    return INTEGERS.get(name, 0)


def said(count, each=False):
    return f"{count} bytes" + (" each" if each else "")


def leaf_bits(abi, names):
    """Where CPUID shows the privileges: "leaf 4 EAX bits 10 and 11"."""
    where = {}
    for name in names:
        row = find(abi, "grant", name)
        for kind, low_part, high_part in (
                ("privilege", "leaf 3 EAX", "leaf 3 EBX"),
                ("feature", "leaf 3 EDX", ""), ("hint", "leaf 4 EAX", "")):
            if kind in row:
                bit = bit_of(abi, kind, row[kind])
                where.setdefault(high_part if bit > 31 else low_part,
                                 []).append(str(bit % 32))
    return ", ".join(f"{leaf} {'bits' if len(bits) > 1 else 'bit'} "
                     f"{' and '.join(bits)}" for leaf, bits in where.items())


def calls(abi):
    rows = []
    for row in abi["call"]:
        rep = "element" in row
        rows.append([
            f"0x{row['code']:04X}", row["title"], "rep" if rep else "simple",
            said(size_of(abi, row, "header")),
            "banks" if row.get("banks") else "no",
            said(size_of(abi, row, "element")) if rep else "",
            said(size_of(abi, row, "output"), rep) if "output" in row else "",
            row.get("offered") or leaf_bits(abi, row["needs"])])
    return table(["code", "name", "kind", "fixed header", "variable header",
                  "element", "output", "offered"], rows)


def fitting(room, header, element, output):
    """How many elements fit; the output begins at a multiple of 16 bytes."""
    count = 0
    while True:
        block = header + (count + 1) * element
        if output:
            block = -(-block // 16) * 16 + (count + 1) * output
        if block > room:
            return count
        count += 1


def most(abi):
    """How much fits into the registers of a fast call."""
    room = abi["fast"]["HV_FAST_INPUT_LEN"]
    rows = []
    for row in abi["call"]:
        header, element, output = (size_of(abi, row, key) for key in
                                   ("header", "element", "output"))
        if element:
            count = fitting(room, header, element, output)
            what = row["elements"]
        elif row.get("banks"):
            count, what = (room - header) // 8, "banks"
        else:
            continue
        if row.get("banks") and element:
            what = f"banks and {what} together"
        rows.append([f"0x{row['code']:04X}", f"{count} {what}"])
    return table(["call", "most elements or banks in registers"], rows)


# ---- registers

def runs(values, form):
    """Lists numbers; three or more in sequence become `A to B`."""
    found = []
    for value in sorted(values):
        if found and value == found[-1][-1] + 1:
            found[-1].append(value)
        else:
            found.append([value])
    return ", ".join(f"{form(run[0])} to {form(run[-1])}" if len(run) > 2 else
                     ", ".join(map(form, run)) for run in found)


def registers(abi):
    by_name = {row[1]: row[2] for row in abi["register"]["rows"]}
    groups = {}
    for group, name, number, *more in abi["register"]["rows"]:
        last = more[2] if len(more) > 2 else name
        if last not in by_name:
            raise Wrong(f"register {name}: expected a register {last}, found "
                        "none")
        end = by_name[last]
        groups.setdefault(group, set()).update(range(number, end + 1))
    return table(["names", "registers", "0x0051"],
                 [[runs(values, "0x{:08X}".format), *group_of(abi, group)[:2]]
                  for group, values in sorted(groups.items(),
                                              key=lambda it: min(it[1]))])


# ---- CPUID, privileges

def set_bits(value):
    """bits 1, 5 (0x22)"""
    bits = [str(bit) for bit in range(32) if value >> bit & 1]
    if not bits:
        return "0"
    word = "bits" if len(bits) > 1 else "bit"
    return f"{word} {', '.join(bits)} (0x{value:X})"


def shown(abi, profile):
    """What CPUID shows to a partition with the profile."""
    value = {kind: sum(1 << abi[kind][name] for name in
                       profile_bits(abi, profile, kind))
             for kind in ("privilege", "feature", "hint")}
    leaf = find(abi, "leaf", profile["max_leaf"])["number"]
    hardware = ", ".join(f"{row['bit']} ({row['what']})"
                         for row in abi["hardware"]["rows"])
    return {"max": f"0x{leaf:08X}",
            "low": set_bits(value["privilege"] & 0xffffffff),
            "high": set_bits(value["privilege"] >> 32),
            "features": set_bits(value["feature"]),
            "hints": set_bits(value["hint"]), "hardware": f"bits {hardware}"}


def leaves(abi):
    profiles = [shown(abi, profile) for profile in abi["profile"]]
    rows = []
    for leaf in abi["leaf"]["rows"]:
        for at, (register, *cells) in enumerate(leaf["rows"]):
            rows.append([f"0x{leaf['number']:08X}" if at == 0 else "", register,
                         *(cell.format(**values) for cell, values
                           in zip(cells, profiles, strict=True))])
    return table(["leaf", "register",
                  *(f"`{profile['name']}`" for profile in abi["profile"])],
                 rows)


def grants(abi):
    def bit(row, kind):
        return f"bit {bit_of(abi, kind, row[kind])}" if kind in row else ""

    return table(["name", "leaf 3 EBX:EAX", "leaf 3 EDX", "leaf 4 EAX",
                  "grants"],
                 [[f"`{row['name']}`", bit(row, "privilege"),
                   bit(row, "feature"), bit(row, "hint"), row["what"]]
                  for row in abi["grant"]["rows"]])


def profiles(abi):
    return table(["profile", "what it grants", "highest leaf"],
                 [[f"`{row['name']}`",
                   " ".join(f"`{name}`" for name in row["grants"]) or "nothing",
                   shown(abi, row)["max"]] for row in abi["profile"]])


# ---- MSRs, ports, result codes

def msrs(abi):
    rows = [[f"0x{row['number']:08X}", row["name"],
             ("R" if "read" in row else "") +
             ("W" if "write" in row or "write_own" in row else ""),
             f"`{row['grant']}`" if "grant" in row else "", row["what"],
             row["tests"]] for row in abi["msr"]["rows"]]
    rows.append(["other 0x4xxxxxxx", "", "", "",
                 "#GP, counted (key `first-use`)", "`msr/others_gp`"])
    return table(["MSR", "name", "access", "granted by", "rules", "tests"],
                 rows)


def ports(abi):
    def range_of(row):
        first, last = (f"0x{row[key]:02X}" for key in ("first", "last"))
        if row["first"] == row["last"]:
            return first
        gap = ", " if row["last"] == row["first"] + 1 else " to "
        return first + gap + last

    rows = [[range_of(row), row["what"]] for row in abi["port"]["rows"]]
    rows.append(["others",
                 "reads return all ones, writes are ignored; counted "
                 "(key `first-use`)"])
    return table(["ports", "what"], rows)


def blocks(abi):
    """{(file, name of the table): text}"""
    return {
        (ABI, "control word and result word"): words(abi),
        (ABI, "fast calls"): most(abi),
        (ABI, "calls"): calls(abi),
        (ABI, "layouts of flushes"): offsets(abi, "hv_flush", "hv_flush_ex"),
        (ABI, "flush flags"): table(["flag", "name", "effect"],
                                    [*flag_rows(abi, "flush")]),
        (ABI, "layouts of registers and translation"):
            offsets(abi, "hv_vp_registers", "hv_translate"),
        (ABI, "registers"): registers(abi),
        (ABI, "translate flags"): table(["0x0052 flag", "name", "effect"],
                                        [*flag_rows(abi, "translate")]),
        (ABI, "translate codes"): table(
            ["result code", "when"],
            [[row["value"], row["what"]]
             for row in abi["translate_code"]["rows"] if "what" in row]),
        (ABI, "layouts of interrupts"): offsets(abi, "hv_send_ipi",
                                                "hv_send_ipi_ex"),
        (ABI, "leaves"): leaves(abi),
        (ABI, "MSRs"): msrs(abi),
        (ABI, "ports"): ports(abi),
        (CONFIG, "profiles"): profiles(abi),
        (CONFIG, "privileges"): grants(abi),
    }
