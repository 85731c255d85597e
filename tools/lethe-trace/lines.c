/* SPDX-License-Identifier: MIT */
/*
 * The text: three times (since the start, since the record before, since a
 * mark), CPU, VP, event and fields of each record.
 */
#include <inttypes.h>

#include "describe.h"
#include "events.h"
#include "link.h"
#include "moment.h"
#include "output.h"

#define WIDTH 15 /* of a time */

/* What times count from. */
struct since {
	u64 last;
	u64 mark;
	bool has_last;
	bool has_mark;
};

static void write_head(const struct output *o)
{
	const char *unit = o->ticks ? "ticks" : "us";

	fprintf(o->to,
		"# %s: since start, since the last record, since a "
		"mark; CPU; VP; event\n",
		unit);
}

static void write_time(const struct output *o, bool has, u64 from, u64 tsc)
{
	char text[MOMENT_TEXT];
	s64 ns = tsc >= from ? (s64)moment_ns(&o->m->about, tsc - from)
			     : -(s64)moment_ns(&o->m->about, from - tsc);

	if (!has) {
		fprintf(o->to, "%*s ", WIDTH, "-");
	} else if (o->ticks) {
		fprintf(o->to, "%*" PRId64 " ", WIDTH, (s64)(tsc - from));
	} else {
		fprintf(o->to, "%*s ", WIDTH, moment_us(text, ns));
	}
}

static void write_item(const struct output *o, const struct since *since,
		       const struct model_item *item)
{
	char vp[DESCRIBE_ROOM];
	char event[DESCRIBE_ROOM];
	char fields[DESCRIBE_FIELDS];

	write_time(o, true, o->m->about.tsc_start, item->r.tsc);
	write_time(o, since->has_last, since->last, item->r.tsc);
	write_time(o, since->has_mark, since->mark, item->r.tsc);
	fprintf(o->to, "%3u %-10s %s%s", item->cpu,
		describe_vp(vp, &o->m->about, item->r.vp),
		describe_event(event, item->r.event),
		describe_fields(fields, o->m, &item->r));
	if (item->call != 0) {
		fprintf(o->to, " call=%u", item->call);
	}
	fputc('\n', o->to);
}

static bool is_mark(const struct output *o, const struct trace_record *r)
{
	return r->event == TRACE_MARK &&
	       (o->mark == OUTPUT_ANY_MARK ||
		(u64)o->mark == events_get(r, "number"));
}

void lines_write(const struct output *o)
{
	struct since since = {.has_last = false};

	write_head(o);
	for (size_t i = 0; i < o->m->count; i++) {
		const struct model_item *item = &o->m->items[i];

		if (is_mark(o, &item->r)) {
			since.mark = item->r.tsc;
			since.has_mark = true;
		}
		if (filter_has(o->filter, o->m, item)) {
			write_item(o, &since, item);
			since.last = item->r.tsc;
			since.has_last = true;
		}
	}
}
