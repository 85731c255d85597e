/* SPDX-License-Identifier: MIT */
/* One function for each kind of field that is more than a number. */
#include "describe.h"

#include <stdarg.h>
#include <stdio.h>

#include "core/state/cpu.h"
#include "link.h"
#include "names.h"
#include "tlfs/hypercall.h"

typedef unsigned long long print_t; /* what %llu wants */

static __printf(2, 3) const
	char *write_text(char text[DESCRIBE_ROOM], const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, DESCRIBE_ROOM, fmt, args);
	va_end(args);
	return text;
}

const char *describe_vp(char text[DESCRIBE_ROOM], const struct about *about,
			u64 vp)
{
	u32 number = (u32)FIELD_GET(RUN_PARTITION, vp);
	const struct about_partition *p = about_partition(about, number);
	unsigned index = (unsigned)FIELD_GET(RUN_VP_INDEX, vp);

	if (vp == TRACE_NO_VP) {
		return write_text(text, "-");
	}
	if (vp > TRACE_NO_VP) {
		return write_text(text, "0x%llx", (print_t)vp);
	}
	if (p != NULL && p->name[0] != 0) {
		return write_text(text, "%s:%u", p->name, index);
	}
	return write_text(text, "%u:%u", number, index);
}

const char *describe_event(char text[DESCRIBE_ROOM], u8 event)
{
	const char *name = events_name(event);

	return name != NULL ? write_text(text, "%s", name)
			    : write_text(text, "event %u", event);
}

static const char *named(char text[DESCRIBE_ROOM], const char *name, u64 value)
{
	return name != NULL ? write_text(text, "%s", name)
			    : write_text(text, "0x%llx", (print_t)value);
}

/* A control word: its call, whether it is fast, its elements. */
static const char *control(char text[DESCRIBE_ROOM], u64 word)
{
	const u64 code = FIELD_GET(HV_CONTROL_CODE, word);
	const u64 reps = FIELD_GET(HV_CONTROL_REP_COUNT, word);
	const u64 start = FIELD_GET(HV_CONTROL_REP_START, word);
	char call[DESCRIBE_ROOM];

	return write_text(text, "%.100s%s reps=%llu start=%llu (0x%llx)",
			  named(call, names_call(code), code),
			  (word & HV_CONTROL_FAST) != 0 ? " fast" : "",
			  (print_t)reps, (print_t)start, (print_t)word);
}

static const char *run_word(char text[DESCRIBE_ROOM], const struct about *about,
			    u64 word)
{
	char vp[DESCRIBE_ROOM];

	describe_vp(vp, about, word & (RUN_PARTITION | RUN_VP_INDEX));
	return write_text(text, "%.100s%s%s", vp,
			  (word & RUN_GUEST) != 0 ? " guest" : " root",
			  (word & RUN_IDLE) != 0 ? " idle" : "");
}

/* SDM 3C, "VM-Entry Controls for Event Injection" */
static const char *interruption(char text[DESCRIBE_ROOM], u64 info)
{
	static const char *const types[] = {"interrupt",
					    "type 1",
					    "NMI",
					    "exception",
					    "software interrupt",
					    "privileged exception",
					    "software exception",
					    "other event"};

	if ((info & BIT(31)) == 0) {
		return write_text(text, "none");
	}
	return write_text(text, "%s %u", types[FIELD_GET(GENMASK(10, 8), info)],
			  (unsigned)FIELD_GET(GENMASK(7, 0), info));
}

/* TLFS, HvCallFlushVirtualAddressList: a page, and more pages after it */
static const char *range(char text[DESCRIBE_ROOM], u64 word)
{
	return write_text(text, "0x%llx+%u", (print_t)(word & PAGE_MASK),
			  (unsigned)(word & ~PAGE_MASK));
}

const char *describe_value(char text[DESCRIBE_ROOM], const struct model *m,
			   const struct trace_record *r,
			   const struct events_field *field)
{
	u64 value = events_value(r, field);

	switch (field->kind) {
	case EVENTS_reason:
		return named(text, names_reason(value), value);
	case EVENTS_status:
		return events_unknown(field, value)
			       ? write_text(text, "not-ended")
			       : named(text, names_status(value), value);
	case EVENTS_ticks:
		return events_unknown(field, value)
			       ? write_text(text, "unknown")
			       : write_text(text, "%llu", (print_t)value);
	case EVENTS_info:
		return link_is_hypercall(r)
			       ? control(text, value)
			       : write_text(text, "0x%llx", (print_t)value);
	case EVENTS_vp:
		return describe_vp(text, &m->about, value);
	case EVENTS_run:
		return run_word(text, &m->about, value);
	case EVENTS_state:
		return named(text, names_state(value), value);
	case EVENTS_event:
		return interruption(text, value);
	case EVENTS_range:
		return range(text, value);
	case EVENTS_dec:
	case EVENTS_cpu:
	case EVENTS_flag:
		return write_text(text, "%llu", (print_t)value);
	case EVENTS_hex:
	case EVENTS_set:
	case EVENTS_gva:
	case EVENTS_gpa:
	case EVENTS_events:
	default:
		return write_text(text, "0x%llx", (print_t)value);
	}
}

bool describe_is_empty(const struct trace_record *r,
		       const struct events_field *field)
{
	u64 value = events_value(r, field);

	switch (field->kind) {
	case EVENTS_status:
		return r->event == TRACE_EXIT && !link_is_hypercall(r);
	case EVENTS_ticks:
		return events_unknown(field, value);
	case EVENTS_flag:
	case EVENTS_range:
		return value == 0;
	case EVENTS_info:
		return value == 0 && !link_is_hypercall(r);
	case EVENTS_dec:
	case EVENTS_hex:
	case EVENTS_reason:
	case EVENTS_vp:
	case EVENTS_cpu:
	case EVENTS_run:
	case EVENTS_set:
	case EVENTS_state:
	case EVENTS_gva:
	case EVENTS_gpa:
	case EVENTS_event:
	case EVENTS_events:
	default:
		return false;
	}
}

const char *describe_fields(char text[DESCRIBE_FIELDS], const struct model *m,
			    const struct trace_record *r)
{
	const struct events_field *field = events_first(r->event);
	char value[DESCRIBE_ROOM];
	size_t at = 0;

	text[0] = 0;
	if (events_name(r->event) == NULL) {
		snprintf(text, DESCRIBE_FIELDS,
			 " flags=0x%x a0=0x%x a1=0x%llx a2=0x%llx", r->flags,
			 r->a0, (print_t)r->a1, (print_t)r->a2);
	}
	for (; field != NULL && at < DESCRIBE_FIELDS;
	     field = events_after(field)) {
		if (!describe_is_empty(r, field)) {
			at += (size_t)snprintf(
				&text[at], DESCRIBE_FIELDS - at, " %s=%s",
				field->name,
				describe_value(value, m, r, field));
		}
	}
	return text;
}

const char *describe_exit(char text[DESCRIBE_ROOM],
			  const struct trace_record *r)
{
	u64 reason = events_get(r, "reason");
	u64 code = events_get(r, "info") & HV_CONTROL_CODE;

	return link_is_hypercall(r) ? named(text, names_call(code), code)
				    : named(text, names_reason(reason), reason);
}
