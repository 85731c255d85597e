/* SPDX-License-Identifier: MIT */
/* The rows of events_table.h, and how a field is taken from its word. */
#include "events.h"

#include <string.h>

#define NAME(_event, _id)                                                      \
	[_id] = {                                                              \
		#_event,                                                       \
	},
#define FIELD(_event, _name, _word, _low, _bits, _kind)                        \
	{#_event, #_name, EVENTS_IN_##_word, _low, _bits, EVENTS_##_kind},

static const struct {
	const char *name;
} names[TRACE_EVENT_COUNT] = {TRACE_EVENTS(NAME)};

const struct events_field events_fields[] = {TRACE_FIELDS(FIELD)};
const size_t events_field_count = ARRAY_SIZE(events_fields);

const char *events_name(u8 event)
{
	return event < ARRAY_SIZE(names) ? names[event].name : NULL;
}

u8 events_number(const char *name)
{
	for (u32 i = 1; i < ARRAY_SIZE(names); i++) {
		if (strcmp(names[i].name, name) == 0) {
			return (u8)i;
		}
	}
	return 0;
}

const struct events_field *events_first(u8 event)
{
	const char *name = events_name(event);

	for (size_t i = 0; name != NULL && i < events_field_count; i++) {
		if (strcmp(events_fields[i].event, name) == 0) {
			return &events_fields[i];
		}
	}
	return NULL;
}

const struct events_field *events_after(const struct events_field *field)
{
	const struct events_field *next = field + 1;

	return next < &events_fields[events_field_count] &&
			       strcmp(next->event, field->event) == 0
		       ? next
		       : NULL;
}

static u64 word_of(const struct trace_record *record, enum events_word word)
{
	switch (word) {
	case EVENTS_IN_flags:
		return record->flags;
	case EVENTS_IN_a0:
		return record->a0;
	case EVENTS_IN_a1:
		return record->a1;
	case EVENTS_IN_a2:
	default:
		return record->a2;
	}
}

u64 events_value(const struct trace_record *record,
		 const struct events_field *field)
{
	u64 value = word_of(record, field->word) >> field->low;

	return field->bits < 64 ? value & ((1ull << field->bits) - 1) : value;
}

u64 events_get(const struct trace_record *record, const char *name)
{
	const struct events_field *field = events_first(record->event);

	while (field != NULL && strcmp(field->name, name) != 0) {
		field = events_after(field);
	}
	return field != NULL ? events_value(record, field) : 0;
}
