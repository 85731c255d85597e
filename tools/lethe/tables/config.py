# SPDX-License-Identifier: MIT
"""Makes the tables of include/config.toml: the keys of lethe.conf in
hv/common/config/keys.c and docs/config.md.
"""

from lethe.tables.abi import COLUMNS, TAB, blank, table as c_table
from lethe.tables.document import table

KEYS = "hv/common/config/keys.c"
DOCUMENT = "docs/config.md"
STRUCTS = {"hypervisor": "config", "partition": "config_partition"}


def listed(words):
    """a, b or c"""
    *head, last = words
    return f"{', '.join(head)} or {last}" if head else last


def expected(row):
    return listed(row["choices"]) if "choices" in row else row["expected"]


def filled(parts):
    """The parts of an initialiser in lines, each after a tab and a blank."""
    lines = [""]
    for part in parts:
        longer = f"{lines[-1]} {part}," if lines[-1] else f"{part},"
        if lines[-1] and TAB + 1 + len(longer) > COLUMNS:
            lines.append(f"{part},")
        else:
            lines[-1] = longer
    return lines


def string(name, text):
    """.name = "text", cut at a blank where it is too long for a line."""
    head = f".{name} = \""
    room = COLUMNS - TAB - len(head) - len(" \"},")
    if len(text) <= room:
        return f"{head}{text}\""
    cut = text.rindex(" ", 0, room) + 1
    gap = blank(TAB + 1 + len(head) - 1)
    return f"{head}{text[:cut]}\"\n{gap}\"{text[cut:]}\""


def key(row, struct):
    chosen = "choices" in row
    parts = [f".name = \"{row['name']}\""]
    parts += [".required = true"] if row.get("required") else []
    if chosen:
        parts += [".parse = parse_choice", f".choices = {row['field']}_choices"]
    elif "parse" in row:
        parts.append(f".parse = {row['parse']}")
    lines = filled(parts)
    if "field" in row:
        lines.append(f".offset = offsetof(struct {struct}, {row['field']}),")
    limits = [f".{name} = {row[name]}" for name in ("unit", "min", "max")
              if name in row]
    lines += filled(limits) if limits else []
    lines.append(string("expected", expected(row)))
    return "\t{" + "\n\t ".join(lines) + "},\n"


def keys(config, section):
    return c_table(f"static const struct config_key {section}_rows[]",
                   "".join(key(row, STRUCTS[section])
                           for row in config[section]["rows"]))


def choices(config):
    text = []
    for section in STRUCTS:
        for row in config[section]["rows"]:
            if "choices" in row:
                body = "".join(f"\t{{\"{word}\", {value}}},\n"
                               for word, value in row["choices"].items())
                text.append("static const struct config_choice "
                            f"{row['field']}_choices[] = {{\n{body}"
                            "\t{NULL, 0},\n};\n")
    return "\n".join(text)


def defaults(config):
    rows = [row for row in config["partition"]["rows"] if "initial" in row]
    # fields that a function sets come last
    rows.sort(key=lambda row: row["initial"].endswith(")"))
    body = "".join(f"\tpartition->{row['field']} = {row['initial']};\n"
                   for row in rows)
    return ("void config_keys_partition_defaults(struct config_partition "
            f"*partition)\n{{\n{body}}}\n")


def document(config, section):
    return table(["key", "values", "default", "meaning"],
                 [[f"`{row['name']}`",
                   ", ".join(f"`{word}`" for word in row["choices"])
                   if "choices" in row else row["values"],
                   row["default"], row["what"]]
                  for row in config[section]["rows"]])


def blocks(config):
    """{(file, name of the table): text}"""
    return {
        (KEYS, "choices"): choices(config),
        (KEYS, "keys of [hypervisor]"): keys(config, "hypervisor"),
        (KEYS, "keys of [partition]"): keys(config, "partition"),
        (KEYS, "defaults of [partition]"): defaults(config),
        (DOCUMENT, "keys of [hypervisor]"): document(config, "hypervisor"),
        (DOCUMENT, "keys of [partition]"): document(config, "partition"),
    }
