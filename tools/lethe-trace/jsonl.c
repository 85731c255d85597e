/* SPDX-License-Identifier: MIT */
/*
 * JSON Lines, for programs: an object for each record, with its fields as
 * numbers, or as names where they have names.
 */
#include "describe.h"
#include "events.h"
#include "names.h"
#include "output.h"

typedef unsigned long long print_t;

/* The name of a field's value; NULL: the number is all there is. */
static const char *name_of(const struct events_field *field, u64 value)
{
	if (field->kind == EVENTS_reason) {
		return names_reason(value);
	}
	if (field->kind == EVENTS_status) {
		return names_status(value);
	}
	return field->kind == EVENTS_state ? names_state(value) : NULL;
}

static void write_field(const struct output *o, const struct trace_record *r,
			const struct events_field *field)
{
	u64 value = events_value(r, field);
	const char *name = name_of(field, value);
	char text[DESCRIBE_ROOM];

	fprintf(o->to, "\"%s\":", field->name);
	if (field->kind == EVENTS_vp) {
		fprintf(o->to, "\"%s\"",
			describe_vp(text, &o->m->about, value));
	} else if (name != NULL) {
		fprintf(o->to, "\"%s\"", name);
	} else if ((field->kind == EVENTS_status ||
		    field->kind == EVENTS_ticks) &&
		   events_unknown(field, value)) {
		fputs("null", o->to);
	} else {
		fprintf(o->to, "%llu", (print_t)value);
	}
}

static void write_item(const struct output *o, const struct model_item *item)
{
	const struct trace_record *r = &item->r;
	const struct events_field *field = events_first(r->event);
	const struct events_field *next;
	char text[DESCRIBE_ROOM];

	fprintf(o->to, "{\"tsc\":%llu,\"cpu\":%u", (print_t)r->tsc, item->cpu);
	fprintf(o->to, ",\"vp\":\"%s\"",
		describe_vp(text, &o->m->about, r->vp));
	fprintf(o->to, ",\"event\":\"%s\"", describe_event(text, r->event));
	if (item->call != 0) {
		fprintf(o->to, ",\"call\":%u", item->call);
	}
	fputs(",\"fields\":{", o->to);
	for (; field != NULL; field = next) {
		next = events_after(field);
		write_field(o, r, field);
		fputs(next != NULL ? "," : "", o->to);
	}
	fputs("}}\n", o->to);
}

void jsonl_write(const struct output *o)
{
	for (size_t i = 0; i < o->m->count; i++) {
		if (filter_has(o->filter, o->m, &o->m->items[i])) {
			write_item(o, &o->m->items[i]);
		}
	}
}
