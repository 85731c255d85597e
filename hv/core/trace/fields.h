/* SPDX-License-Identifier: MIT */
/* Names of events and of their fields, for the console. */
#ifndef HV_CORE_TRACE_FIELDS_H
#define HV_CORE_TRACE_FIELDS_H

#include "trace.h"

enum fields_word {
	FIELDS_FLAGS,
	FIELDS_A0,
	FIELDS_A1,
	FIELDS_A2,
};

/* generated: kinds, from include/trace.toml */
enum fields_kind {
	FIELDS_DEC,
	FIELDS_HEX,
	FIELDS_REASON,
	FIELDS_STATUS,
	FIELDS_INFO,
	FIELDS_TICKS,
	FIELDS_VP,
	FIELDS_CPU,
	FIELDS_RUN,
	FIELDS_SET,
	FIELDS_STATE,
	FIELDS_FLAG,
	FIELDS_GVA,
	FIELDS_GPA,
	FIELDS_RANGE,
	FIELDS_EVENT,
	FIELDS_EVENTS,
};
/* end: kinds */

struct fields_field {
	enum trace_event event;
	enum fields_word word;
	u32 low; /* lowest bit in the word */
	u32 bits;
	enum fields_kind kind;
	const char *name;
};

/* The name of an event; "unknown" if there is no such event. */
const char *fields_event(u32 event);

/* All fields, those of an event together; NULL after the last one. */
const struct fields_field *fields_at(u32 number);

u64 fields_value(const struct fields_field *field,
		 const struct trace_record *record);

#endif
