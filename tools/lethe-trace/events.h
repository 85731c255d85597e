/* SPDX-License-Identifier: MIT */
/* What the records of each event hold: include/trace.toml as tables. */
#ifndef TOOLS_LETHE_TRACE_EVENTS_H
#define TOOLS_LETHE_TRACE_EVENTS_H

#include "base/types.h"
#include "events_table.h"
#include "trace.h"

#define EVENTS_KIND(_kind) EVENTS_##_kind,
enum events_kind { TRACE_KINDS(EVENTS_KIND) };
#undef EVENTS_KIND

enum events_word { EVENTS_IN_flags, EVENTS_IN_a0, EVENTS_IN_a1, EVENTS_IN_a2 };

struct events_field {
	const char *event;
	const char *name;
	enum events_word word;
	u8 low; /* lowest bit in the word */
	u8 bits;
	enum events_kind kind;
};

/* All fields; those of an event are neighbours, in the order of its text. */
extern const struct events_field events_fields[];
extern const size_t events_field_count;

/* NULL: an event that this program does not know. */
const char *events_name(u8 event);

/* The number of the event with that name; 0: there is none. */
u8 events_number(const char *name);

/* The first field of an event, and the one after a field; NULL: no more. */
const struct events_field *events_first(u8 event);
const struct events_field *events_after(const struct events_field *field);

u64 events_value(const struct trace_record *record,
		 const struct events_field *field);

/* The value of a field by its name; 0 if the event has no such field. */
u64 events_get(const struct trace_record *record, const char *name);

/* Whether a number of ticks, or a status, is not known. */
static inline bool events_unknown(const struct events_field *field, u64 value)
{
	return value == (field->bits < 64 ? (1ull << field->bits) - 1 : ~0ull);
}

#endif
