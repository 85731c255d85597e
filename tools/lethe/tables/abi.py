# SPDX-License-Identifier: MIT
"""Makes the C tables of include/abi.toml: constants and layouts of
include/tlfs, rows of hv/common and hv/core.

Constants are laid out as clang-format does it. Rows are laid out in columns,
with clang-format off.
"""

import textwrap

COLUMNS = 80
TAB = 8
OFF = "/* clang-format off */\n"
ON = "/* clang-format on */\n"
TLFS = "include/tlfs/{}.h"
TABLE = "hv/core/hypercall/table.c"
REGISTERS = "hv/core/registers/table.c"
MSRS = "hv/core/emulate/msr_synthetic.c"
LEAVES = "hv/core/emulate/cpuid_synthetic.c"
PORTS = "hv/core/emulate/ioport.c"
PRIVILEGES = "hv/common/config/privileges.c"


class Wrong(Exception):
    """A row of a source is wrong, or names something that does not exist."""


def find(abi, table_name, name, key="name"):
    """The row of a table by its name."""
    for row in abi[table_name]["rows"]:
        if row[key] == name:
            return row
    raise Wrong(f"[{table_name}]: expected a row with the {key} {name}, found "
                "none")


# ---- forms

def define(rows):
    """#define lines: [(name, value, note)], values in one column."""
    width = max(len(name) for name, *_ in rows)
    text = ""
    for name, value, *note in rows:
        tail = f" /* {note[0]} */" if note and note[0] else ""
        line = f"#define {name:{width}} {value}{tail}"
        if len(line) > COLUMNS:
            line = f"{f'#define {name}':{COLUMNS - 1}}\\\n\t{value}{tail}"
        text += line + "\n"
    return text


def columns(rows, indent="\t"):
    """Lines of cells; each column but the last as wide as its widest cell."""
    widths = [max(map(len, column)) for column in
              zip(*[row[:-1] for row in rows])]
    lines = (" ".join([f"{cell:{width}}" for cell, width in zip(row, widths)]
                      + [row[-1]]) for row in rows)
    return "".join(f"{indent}{line.rstrip()}\n" for line in lines)


def blank(width):
    """The white space before a column."""
    return "\t" * (width // TAB) + " " * (width % TAB)


def comment(text, indent="\t"):
    width = COLUMNS - TAB * indent.count("\t") - len("/* ") - len(" */")
    return indent + "/* " + f"\n{indent}   ".join(
        textwrap.wrap(text, width, break_on_hyphens=False)) + " */\n"


def table(head, body):
    """A table of rows: `head` declares it."""
    return f"{OFF}{head} = {{\n{body}}};\n{ON}"


def mask(bits):
    """C for a list of bits such as "30:27, 47:44"."""
    parts = []
    for part in bits.split(", "):
        high, _, low = part.partition(":")
        parts.append(f"GENMASK({high}, {low})" if low else f"BIT({high})")
    return parts[0] if len(parts) == 1 else f"({' | '.join(parts)})"


def bit_names(prefix, bits):
    return [(f"{prefix}{name}", f"BIT({bit})")
            for name, bit in sorted(bits.items(), key=lambda it: it[1])]


# ---- constants

def statuses(abi):
    rows = "".join(f"\tHV_STATUS_{name} = {value:#04x},\n"
                   for name, value in abi["status"].items())
    return f"enum hv_status {{\n{rows}}};\n"


def words(abi, name):
    return define([(f"HV_{name.upper()}_{row['name']}", mask(row["bits"]),
                    row.get("note")) for row in abi[name]["rows"]
                   if "name" in row])


def call_codes(abi):
    return define([(row["name"], f"{row['code']:#06x}") for row in abi["call"]
                   if row["name"].startswith("HV_")])


def flags(abi, name):
    return define([(f"HV_{name.upper()}_{flag}", f"BIT({bit})")
                   for row in abi[name]["rows"]
                   for flag, bit in row.get("bits", {}).items()])


def translate_codes(abi):
    rows = "".join(f"\tHV_TRANSLATE_{row['name']} = {row['value']},\n"
                   for row in abi["translate_code"]["rows"])
    return f"enum hv_translate_code {{\n{rows}}};\n"


def layouts(abi, file):
    text = OFF
    for row in abi["layout"]["rows"]:
        if row["file"] != file:
            continue
        name = row["struct"]
        text += (f"_Static_assert(sizeof(struct {name}) == {row['size']}, "
                 f"\"{name}\");\n")
        text += "".join(f"_Static_assert(offsetof(struct {name}, {field}) == "
                        f"{offset}, \"{name}\");\n"
                        for offset, field, *_ in row.get("fields", ())
                        if field)
    return text + ON


def group_of(abi, name):
    if name not in abi["register_group"]:
        raise Wrong(f"[register_group]: expected {name}, found none")
    return abi["register_group"][name]


def register_names(abi):
    """Constants in the order of numbers, a paragraph for each upper 16 bits."""
    paragraphs = {}
    for group, name, number, *_ in sorted(abi["register"]["rows"],
                                          key=lambda row: row[2]):
        paragraphs.setdefault(number >> 16, []).append(
            (group, f"HV_{name}", f"{number:#010x}u"))
    text = []
    for rows in paragraphs.values():
        note = group_of(abi, rows[0][0])[2:]
        text.append((comment(note[0], "") if note else "") +
                    define([row[1:] for row in rows]))
    return "\n".join(text)


def leaf_numbers(abi):
    return define([(f"HV_CPUID_{row['name']}", f"{row['number']:#010x}u")
                   for row in abi["leaf"]["rows"]])


def hardware_bits(abi):
    return define([(f"HARDWARE_{row['name']}", f"BIT({row['bit']})")
                   for row in abi["hardware"]["rows"]])


def privilege_bits(abi):
    parts = [("HV_PARTITION_PRIVILEGE_MASK: leaf 3 EAX is 31:0, EBX is 63:32",
              "HV_PRIV_", "privilege"),
             ("leaf 3 EDX", "HV_FEATURE_", "feature"),
             ("leaf 4 EAX", "HV_HINT_", "hint")]
    return "\n".join(comment(note, "") + define(bit_names(prefix, abi[name]))
                     for note, prefix, name in parts)


def msr_numbers(abi):
    return define([(f"HV_X64_MSR_{row['name']}", f"{row['number']:#010x}u")
                   for row in abi["msr"]["rows"]])


# ---- rows

def call_kind(row):
    """The macro of table.c, which also says what the call needs."""
    name, banks = row["name"], row.get("banks", False)
    ipi = "cluster-ipi" in row.get("needs", ())
    if name.startswith("LETHE_"):
        kind, needs = "HC_TEST_OUT", []
    elif name.startswith("HV_EXT_"):
        kind, needs = "HC_EXT_OUT", ["extended-calls"]
    else:
        kind = "".join(["HC_", "REP" if "element" in row else "SIMPLE",
                        "_IPI" if ipi else "", "_EX" if banks else "",
                        "_OUT" if "output" in row else ""])
        needs = ["cluster-ipi"] * ipi + ["ex-masks"] * banks
    if row.get("needs", []) != needs:
        raise Wrong(f"call {name}: expected needs = {needs}, as {kind} of "
                    f"{TABLE} has it, found {row.get('needs', [])}")
    return kind


def call_row(row):
    """Cells: kind, code, handler, then sizes and words."""
    cells = [row[key] for key in ("name", "handler", "header", "element",
                                  "output") if key in row]
    cells += row.get("words", [])
    first = f"({cells[0]},"
    return [call_kind(row), first, f"{cells[1]},", ", ".join(cells[2:]) + "),"]


def calls(abi):
    return table("static const struct hc_desc table[]", columns(
        [call_row(row) for row in abi["call"]
         if row["name"].startswith("HV_CALL_")]))


def extended_calls(abi):
    return table("static const struct hc_desc extended[]", columns(
        [call_row(row) for row in abi["call"]
         if row["name"].startswith("HV_EXT_")]))


def test_call(abi):
    row = next(row for row in abi["call"] if row["name"].startswith("LETHE_"))
    kind, *cells = call_row(row)
    text = " ".join(cells).removesuffix(",")
    return (f"{OFF}static const struct hc_desc test_read =\n"
            f"\t{kind}{text};\n{ON}")


def register_rows(abi):
    body = []
    for _, name, _, *more in abi["register"]["rows"]:
        if more:
            operations, which, *last = more
            names = f"HV_{name}, HV_{last[0]}," if last else f"HV_{name},"
            body.append([f"{'SEVERAL' if last else 'ONE'}({names}",
                         f"reg_{operations},", f"{which}),"])
    return table("static const struct row rows[]", columns(body))


def granted(abi, name, kind):
    """The constant of a grant, or 0."""
    prefix = {"privilege": "HV_PRIV_", "feature": "HV_FEATURE_",
              "hint": "HV_HINT_"}[kind]
    row = find(abi, "grant", name)
    return prefix + row[kind] if kind in row else "0"


MSR_WAYS = ("read", "write", "write_own")


def msr_rows(abi):
    body = ""
    for row in abi["msr"]["rows"]:
        parts = [f".{way} = {row[way]}" for way in MSR_WAYS if way in row]
        body += (f"\t{{HV_X64_MSR_{row['name']},\n"
                 f"\t {granted(abi, row['grant'], 'feature')}, "
                 f"{granted(abi, row['grant'], 'privilege')},\n"
                 f"\t {', '.join(parts)}}},\n")
    return table("static const struct row rows[]", body)


def leaf_rows(abi):
    rows = abi["leaf"]["rows"]
    body = columns([[f"{{HV_CPUID_{row['name']},", f"{row['function']}}},"]
                    for row in rows if "function" in row])
    body += "".join(comment(f"HV_CPUID_{row['name']}: {row['note']}")
                    for row in rows if "note" in row)
    return table("static const struct leaf leaves[]", body)


def port_rows(abi):
    body = ""
    for row in abi["port"]["rows"]:
        body += comment(row["note"]) if "note" in row else ""
        body += (f"\t{{{row['first']:#06x}, {row['last']:#06x}, "
                 f"{'true, ' if row.get('byte_only') else 'false,'} "
                 f"{row['read']}, {row['write']}}},\n")
    return table("static const struct device devices[]", body)


# ---- what may be granted

FIELDS = (("mask", "privilege", "HV_PRIV_"),
          ("features", "feature", "HV_FEATURE_"), ("hints", "hint", "HV_HINT_"))


def grant_rows(abi):
    body = []
    for row in abi["grant"]["rows"]:
        parts = [f".{field} = {prefix}{row[kind]}"
                 for field, kind, prefix in FIELDS if kind in row]
        body.append((f"{{\"{row['name']}\", ", parts))
    width = max(len(name) for name, _ in body)
    gap = ",\n" + blank(TAB + width)
    return table("static const struct grant grants[]", "".join(
        f"\t{name:{width}}{gap.join(parts)}}},\n" for name, parts in body))


def bit_of(abi, kind, name):
    if name not in abi[kind]:
        raise Wrong(f"[{kind}]: expected {name}, found none")
    return abi[kind][name]


def profile_bits(abi, profile, kind):
    """[names] of the bits that a profile grants, in the order of bits."""
    granted_rows = [find(abi, "grant", name) for name in profile["grants"]]
    names = {row[kind] for row in granted_rows if kind in row}
    return sorted(names, key=lambda name: bit_of(abi, kind, name))


def profile_rows(abi):
    body = ""
    for profile in abi["profile"]:
        parts = []
        for field, kind, prefix in FIELDS:
            names = [prefix + name for name in profile_bits(abi, profile, kind)]
            if names:
                gap = " |\n" + blank(2 * TAB + len(f".{field} = "))
                parts.append(f".{field} = " + gap.join(names))
        parts.append(f".max_leaf = HV_CPUID_{profile['max_leaf']}")
        body += (f"\t{{\"{profile['name']}\", {{\n\t\t" +
                 ",\n\t\t".join(parts) + "}},\n")
    return table("static const struct profile profiles[]", body)


# ---- all of it

def blocks(abi):
    """{(file, name of the table): text}"""
    hypercall, register, msr, cpuid, status = map(
        TLFS.format, ("hypercall", "register", "msr", "cpuid", "status"))
    return {
        (status, "statuses"): statuses(abi),
        (hypercall, "control word"): words(abi, "control"),
        (hypercall, "result word"): words(abi, "result"),
        (hypercall, "fast calls"): define(list(abi["fast"].items())),
        (hypercall, "call codes"): call_codes(abi),
        (hypercall, "flush flags"): flags(abi, "flush"),
        (hypercall, "layouts"): layouts(abi, "hypercall"),
        (hypercall, "test call"): define(
            [(row["name"], f"{row['code']:#06x}") for row in abi["call"]
             if row["name"].startswith("LETHE_")]),
        (register, "register names"): register_names(abi),
        (register, "translate flags"): flags(abi, "translate"),
        (register, "translate codes"): translate_codes(abi),
        (register, "layouts"): layouts(abi, "register"),
        (msr, "MSR numbers"): msr_numbers(abi),
        (cpuid, "leaf numbers"): leaf_numbers(abi),
        (cpuid, "privilege bits"): privilege_bits(abi),
        (TABLE, "calls"): calls(abi),
        (TABLE, "extended calls"): extended_calls(abi),
        (TABLE, "test call"): test_call(abi),
        (REGISTERS, "registers"): register_rows(abi),
        (MSRS, "MSRs"): msr_rows(abi),
        (LEAVES, "leaves"): leaf_rows(abi),
        (LEAVES, "hardware bits"): hardware_bits(abi),
        (PORTS, "ports"): port_rows(abi),
        (PRIVILEGES, "profiles"): profile_rows(abi),
        (PRIVILEGES, "grants"): grant_rows(abi),
    }
