# SPDX-License-Identifier: MIT
"""Makes the tables of include/trace.toml: the events of the trace in
include/trace.h, hv/core/trace/fields.c, tools/lethe-trace/events_table.h and
docs/trace.md.
"""

from lethe.tables.abi import OFF, ON, Wrong, columns, table as c_table
from lethe.tables.document import table

NUMBERS = "include/trace.h"
FIELDS = "hv/core/trace/fields.c"
DECODER = "tools/lethe-trace/events_table.h"
DOCUMENT = "docs/trace.md"
WORDS = {"flags": 8, "a0": 32, "a1": 64, "a2": 64}
KINDS = ("dec", "hex", "reason", "status", "info", "ticks", "vp", "cpu", "run",
         "set", "state", "flag", "gva", "gpa", "range", "event", "events")


def span(event, field):
    """(low, number of bits) of a field in its word."""
    width = WORDS[field["word"]]
    high, low = map(int, field.get("bits", f"{width - 1}:0").split(":"))
    if not 0 <= low <= high < width:
        raise Wrong(f"include/trace.toml: {event['name']}.{field['name']}: "
                    f"expected bits of {field['word']}, found {high}:{low}")
    return low, high - low + 1


def agree(trace):
    """Raises Wrong unless the ids count from 1, and the fields have known
    kinds and do not overlap."""
    for number, event in enumerate(trace["event"], 1):
        if event["id"] != number:
            raise Wrong(f"include/trace.toml: {event['name']}: expected id "
                        f"{number}, found {event['id']}")
        taken = set()
        for field in event["fields"]:
            if field["kind"] not in KINDS:
                raise Wrong(f"include/trace.toml: {event['name']}."
                            f"{field['name']}: expected a kind of {KINDS}, "
                            f"found {field['kind']}")
            low, width = span(event, field)
            bits = {(field["word"], low + i) for i in range(width)}
            if bits & taken:
                raise Wrong(f"include/trace.toml: {event['name']}."
                            f"{field['name']}: expected bits of its own")
            taken |= bits


def constants(trace):
    lines = "".join(f"\tTRACE_{event['name'].upper()} = {event['id']},\n"
                    for event in trace["event"])
    return f"enum trace_event {{\n{lines}\tTRACE_EVENT_COUNT,\n}};\n"


def decoder(trace):
    """An initialiser for each event, and for each of its fields."""
    events = [[f"EVENT({event['name']},", f"{event['id']})"]
              for event in trace["event"]]
    fields = []
    for event in trace["event"]:
        for field in event["fields"]:
            low, width = span(event, field)
            fields.append([f"FIELD({event['name']},", f"{field['name']},",
                           f"{field['word']},", f"{low},", f"{width},",
                           f"{field['kind']})"])
    kinds = [[f"KIND({kind})"] for kind in KINDS]
    return (OFF + "#define TRACE_KINDS(KIND) \\\n" + lines(kinds)
            + "#define TRACE_EVENTS(EVENT) \\\n" + lines(events)
            + "#define TRACE_FIELDS(FIELD) \\\n" + lines(fields) + ON)


def names(trace):
    rows = [[f"[TRACE_{event['name'].upper()}]", f"= \"{event['name']}\","]
            for event in trace["event"]]
    return c_table("static const char *const names[TRACE_EVENT_COUNT]",
                   columns(rows))


def fields(trace):
    rows = []
    for event in trace["event"]:
        for field in event["fields"]:
            low, width = span(event, field)
            rows.append([f"{{TRACE_{event['name'].upper()},",
                         f"FIELDS_{field['word'].upper()},",
                         f"{low},", f"{width},",
                         f"FIELDS_{field['kind'].upper()},",
                         f"\"{field['name']}\"}},"])
    return c_table("static const struct fields_field fields[]", columns(rows))


def kinds(_):
    return ("enum fields_kind {\n" + "".join(
        f"\tFIELDS_{kind.upper()},\n" for kind in KINDS) + "};\n")


def lines(rows):
    """The body of a macro: one row a line."""
    return columns(rows).replace("\n", " \\\n").removesuffix(" \\\n") + "\n"


def document(trace):
    rows = []
    for event in trace["event"]:
        where = (f"`{field['name']}`: {field['what']} (`{field['word']}`"
                 + (f" bits {field['bits']}" if "bits" in field else "") + ")"
                 for field in event["fields"])
        rows.append([event["id"], f"`{event['name']}`", event["what"],
                     "; ".join(where)])
    return table(["#", "event", "what happened", "fields"], rows)


def blocks(trace):
    """{(file, name of the table): text}"""
    agree(trace)
    return {
        (NUMBERS, "events"): constants(trace),
        (DECODER, "events"): decoder(trace),
        (FIELDS, "names"): names(trace),
        (FIELDS, "fields"): fields(trace),
        (FIELDS.replace(".c", ".h"), "kinds"): kinds(trace),
        (DOCUMENT, "events"): document(trace),
    }
