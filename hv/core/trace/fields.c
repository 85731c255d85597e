/* SPDX-License-Identifier: MIT */
/* Which bits of a record are what. */
#include "core/trace/fields.h"

/* generated: names, from include/trace.toml */
/* clang-format off */
static const char *const names[TRACE_EVENT_COUNT] = {
	[TRACE_EXIT]          = "exit",
	[TRACE_KICK]          = "kick",
	[TRACE_FLUSH]         = "flush",
	[TRACE_WAITED]        = "waited",
	[TRACE_DRAINED]       = "drained",
	[TRACE_INHIBIT_SET]   = "inhibit_set",
	[TRACE_INHIBIT_CLEAR] = "inhibit_clear",
	[TRACE_SUSPEND]       = "suspend",
	[TRACE_WAKE]          = "wake",
	[TRACE_REISSUE]       = "reissue",
	[TRACE_INJECT]        = "inject",
	[TRACE_FILL]          = "fill",
	[TRACE_SWITCH]        = "switch",
	[TRACE_STATE]         = "state",
	[TRACE_START]         = "start",
	[TRACE_STOP]          = "stop",
	[TRACE_MARK]          = "mark",
	[TRACE_LOST]          = "lost",
	[TRACE_USE]           = "use",
	[TRACE_FINDING]       = "finding",
};
/* clang-format on */
/* end: names */

/* generated: fields, from include/trace.toml */
/* clang-format off */
static const struct fields_field fields[] = {
	{TRACE_EXIT,          FIELDS_FLAGS, 0,  1,  FIELDS_FLAG,   "failed"},
	{TRACE_EXIT,          FIELDS_A0,    8,  8,  FIELDS_DEC,    "slot"},
	{TRACE_EXIT,          FIELDS_A0,    16, 16, FIELDS_REASON, "reason"},
	{TRACE_EXIT,          FIELDS_A1,    0,  64, FIELDS_INFO,   "info"},
	{TRACE_EXIT,          FIELDS_A2,    0,  32, FIELDS_STATUS, "status"},
	{TRACE_EXIT,          FIELDS_A2,    32, 32, FIELDS_TICKS,  "ticks"},
	{TRACE_KICK,          FIELDS_FLAGS, 0,  1,  FIELDS_FLAG,   "posted"},
	{TRACE_KICK,          FIELDS_A0,    0,  32, FIELDS_CPU,    "cpu"},
	{TRACE_KICK,          FIELDS_A1,    0,  64, FIELDS_RUN,    "run"},
	{TRACE_KICK,          FIELDS_A2,    0,  64, FIELDS_SET,    "targets"},
	{TRACE_FLUSH,         FIELDS_A1,    0,  64, FIELDS_SET,    "banks"},
	{TRACE_FLUSH,         FIELDS_A2,    0,  64, FIELDS_SET,    "targets"},
	{TRACE_WAITED,        FIELDS_A0,    0,  32, FIELDS_CPU,    "cpu"},
	{TRACE_WAITED,        FIELDS_A1,    0,  64, FIELDS_RUN,    "run"},
	{TRACE_WAITED,        FIELDS_A2,    0,  64, FIELDS_TICKS,  "ticks"},
	{TRACE_DRAINED,       FIELDS_A0,    0,  1,  FIELDS_FLAG,   "full"},
	{TRACE_DRAINED,       FIELDS_A0,    1,  1,  FIELDS_FLAG,   "non_global"},
	{TRACE_DRAINED,       FIELDS_A0,    16, 16, FIELDS_DEC,    "words"},
	{TRACE_DRAINED,       FIELDS_A1,    0,  64, FIELDS_DEC,    "invvpids"},
	{TRACE_DRAINED,       FIELDS_A2,    0,  64, FIELDS_RANGE,  "first"},
	{TRACE_INHIBIT_SET,   FIELDS_A0,    0,  32, FIELDS_VP,     "target"},
	{TRACE_INHIBIT_SET,   FIELDS_A1,    0,  64, FIELDS_HEX,    "word"},
	{TRACE_INHIBIT_CLEAR, FIELDS_A0,    0,  32, FIELDS_VP,     "target"},
	{TRACE_SUSPEND,       FIELDS_A0,    0,  32, FIELDS_VP,     "target"},
	{TRACE_WAKE,          FIELDS_A2,    0,  64, FIELDS_TICKS,  "ticks"},
	{TRACE_REISSUE,       FIELDS_A0,    0,  32, FIELDS_EVENT,  "event"},
	{TRACE_INJECT,        FIELDS_A0,    0,  32, FIELDS_EVENT,  "event"},
	{TRACE_FILL,          FIELDS_A0,    0,  32, FIELDS_DEC,    "level"},
	{TRACE_FILL,          FIELDS_A1,    0,  64, FIELDS_GVA,    "gva"},
	{TRACE_FILL,          FIELDS_A2,    0,  64, FIELDS_HEX,    "entry"},
	{TRACE_SWITCH,        FIELDS_A0,    0,  32, FIELDS_VP,     "before"},
	{TRACE_STATE,         FIELDS_A0,    0,  8,  FIELDS_STATE,  "to"},
	{TRACE_STATE,         FIELDS_A0,    8,  8,  FIELDS_STATE,  "from"},
	{TRACE_START,         FIELDS_A0,    0,  32, FIELDS_DEC,    "partition"},
	{TRACE_STOP,          FIELDS_A0,    0,  32, FIELDS_DEC,    "partition"},
	{TRACE_STOP,          FIELDS_A1,    0,  64, FIELDS_DEC,    "code"},
	{TRACE_MARK,          FIELDS_A0,    0,  32, FIELDS_DEC,    "number"},
	{TRACE_LOST,          FIELDS_A1,    0,  64, FIELDS_DEC,    "count"},
	{TRACE_USE,           FIELDS_A0,    0,  8,  FIELDS_DEC,    "kind"},
	{TRACE_USE,           FIELDS_A0,    8,  8,  FIELDS_DEC,    "cpl"},
	{TRACE_USE,           FIELDS_A1,    0,  64, FIELDS_HEX,    "rip"},
	{TRACE_USE,           FIELDS_A2,    0,  64, FIELDS_GVA,    "gva"},
	{TRACE_FINDING,       FIELDS_A0,    0,  8,  FIELDS_DEC,    "kind"},
	{TRACE_FINDING,       FIELDS_A0,    8,  8,  FIELDS_DEC,    "cpl"},
	{TRACE_FINDING,       FIELDS_A1,    0,  64, FIELDS_HEX,    "rip"},
	{TRACE_FINDING,       FIELDS_A2,    0,  64, FIELDS_GVA,    "gva"},
};
/* clang-format on */
/* end: fields */

const char *fields_event(u32 event)
{
	return event < TRACE_EVENT_COUNT && names[event] != NULL ? names[event]
								 : "unknown";
}

const struct fields_field *fields_at(u32 number)
{
	return number < ARRAY_SIZE(fields) ? &fields[number] : NULL;
}

u64 fields_value(const struct fields_field *field,
		 const struct trace_record *record)
{
	const u64 words[] = {
		[FIELDS_FLAGS] = record->flags,
		[FIELDS_A0] = record->a0,
		[FIELDS_A1] = record->a1,
		[FIELDS_A2] = record->a2,
	};
	u64 value = words[field->word] >> field->low;

	return field->bits < 64 ? value & ((1ull << field->bits) - 1) : value;
}
