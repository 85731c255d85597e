/* SPDX-License-Identifier: MIT */
/*
 * The Trace Event Format. Process 1 has a track for each CPU: spans are from an
 * exit on in root mode,
 * other records instants, kicks begin an arrow to the exit that they cause. A
 * partition is process 2 + its number, with a track for each VP: hypercalls and
 * suspensions are spans.
 */
#include <stdlib.h>

#include "core/state/cpu.h"
#include "describe.h"
#include "events.h"
#include "link.h"
#include "moment.h"
#include "output.h"
#include "say.h"

#define PID_CPUS       1
#define PID_PARTITIONS 2 /* and the number of the partition */
#define VPS            0x10000

/* What is needed while the records are written in order. */
struct writer {
	const struct output *o;
	const char *separator;
	bool *is_vp_named;                   /* by run_id */
	const struct model_item **suspended; /* by run_id: since which record */
	bool is_cpu_named[MODEL_CPUS];
};

static unsigned pid_of_vp(u16 vp)
{
	return PID_PARTITIONS + (unsigned)FIELD_GET(RUN_PARTITION, vp);
}

/* Thread numbers begin with 1: 0 has a meaning of its own in viewers. */
static unsigned tid_of_vp(u16 vp)
{
	return 1 + (unsigned)FIELD_GET(RUN_VP_INDEX, vp);
}

static void begin(struct writer *w, const char *phase, unsigned pid,
		  unsigned tid)
{
	fprintf(w->o->to, "%s\n{\"ph\":\"%s\",\"pid\":%u,\"tid\":%u",
		w->separator, phase, pid, tid);
	w->separator = ",";
}

static void put_time(struct writer *w, const char *key, s64 ns)
{
	char text[MOMENT_TEXT];

	fprintf(w->o->to, ",\"%s\":%s", key, moment_us(text, ns));
}

static void put_start(struct writer *w, u64 tsc)
{
	put_time(w, "ts", moment_since_start(&w->o->m->about, tsc));
}

static void put_duration(struct writer *w, u64 ticks)
{
	put_time(w, "dur", (s64)moment_ns(&w->o->m->about, ticks));
}

static void put_name(struct writer *w, const char *category, const char *name)
{
	fprintf(w->o->to, ",\"cat\":\"%s\",\"name\":\"%s\"", category, name);
}

static void put_args(struct writer *w, const struct model_item *item)
{
	const struct trace_record *r = &item->r;
	const struct events_field *field = events_first(r->event);
	char text[DESCRIBE_ROOM];

	fprintf(w->o->to, ",\"args\":{\"vp\":\"%s\"",
		describe_vp(text, &w->o->m->about, r->vp));
	for (; field != NULL; field = events_after(field)) {
		fprintf(w->o->to, ",\"%s\":\"%s\"", field->name,
			describe_value(text, w->o->m, r, field));
	}
	if (item->call != 0) {
		fprintf(w->o->to, ",\"call\":%u", item->call);
	}
	fputs("}}", w->o->to);
}

static void write_track(struct writer *w, const char *what, unsigned pid,
			unsigned tid, const char *name)
{
	begin(w, "M", pid, tid);
	fprintf(w->o->to, ",\"name\":\"%s\",\"args\":{\"name\":\"%s\"}}", what,
		name);
}

static void name_tracks(struct writer *w, const struct model_item *item)
{
	char text[DESCRIBE_ROOM];

	if (!w->is_cpu_named[item->cpu]) {
		w->is_cpu_named[item->cpu] = true;
		snprintf(text, sizeof(text), "CPU %u", item->cpu);
		write_track(w, "thread_name", PID_CPUS, item->cpu + 1u, text);
	}
	if (item->r.vp != TRACE_NO_VP && !w->is_vp_named[item->r.vp]) {
		w->is_vp_named[item->r.vp] = true;
		write_track(w, "thread_name", pid_of_vp(item->r.vp),
			    tid_of_vp(item->r.vp),
			    describe_vp(text, &w->o->m->about, item->r.vp));
	}
}

/* An exit on its CPU's track, and a hypercall on its VP's too. */
static void write_exit(struct writer *w, const struct model_item *item)
{
	char name[DESCRIBE_ROOM];

	describe_exit(name, &item->r);
	begin(w, "X", PID_CPUS, item->cpu + 1u);
	put_name(w, "exit", name);
	put_start(w, item->r.tsc);
	put_duration(w, item->root_end - item->r.tsc);
	put_args(w, item);
	if (item->call != 0 && item->r.vp != TRACE_NO_VP) {
		begin(w, "X", pid_of_vp(item->r.vp), tid_of_vp(item->r.vp));
		put_name(w, "hypercall", name);
		put_start(w, item->r.tsc);
		put_duration(w, link_ticks(item));
		put_args(w, item);
	}
}

static void write_end_of_arrow(struct writer *w, const char *phase, size_t id,
			       const struct model_item *item)
{
	begin(w, phase, PID_CPUS, item->cpu + 1u);
	put_name(w, "kick", "kick");
	put_start(w, item->r.tsc);
	fprintf(w->o->to, ",\"id\":%zu%s}", id,
		phase[0] == 'f' ? ",\"bp\":\"e\"" : "");
}

/* A kick is a span of one tick, because arrows begin at spans only. */
static void write_kick(struct writer *w, const struct model_item *item)
{
	begin(w, "X", PID_CPUS, item->cpu + 1u);
	put_name(w, "kick", "kick");
	put_start(w, item->r.tsc);
	put_duration(w, 1);
	put_args(w, item);
	if (item->next != MODEL_NONE) {
		size_t id = (size_t)(item - w->o->m->items) + 1;

		write_end_of_arrow(w, "s", id, item);
		write_end_of_arrow(w, "f", id, &w->o->m->items[item->next]);
	}
}

static void write_instant(struct writer *w, const struct model_item *item)
{
	char name[DESCRIBE_ROOM];

	begin(w, "i", PID_CPUS, item->cpu + 1u);
	put_name(w, "event", describe_event(name, item->r.event));
	put_start(w, item->r.tsc);
	fputs(",\"s\":\"t\"", w->o->to);
	put_args(w, item);
}

static void write_suspension(struct writer *w, const struct model_item *item)
{
	const struct model_item *since = w->suspended[item->r.vp];

	if (item->r.event == TRACE_SUSPEND) {
		w->suspended[item->r.vp] = item;
	} else if (item->r.event == TRACE_WAKE && since != NULL) {
		begin(w, "X", pid_of_vp(item->r.vp), tid_of_vp(item->r.vp));
		put_name(w, "suspended", "suspended");
		put_start(w, since->r.tsc);
		put_duration(w, item->r.tsc - since->r.tsc);
		put_args(w, since);
		w->suspended[item->r.vp] = NULL;
	}
}

static void write_item(struct writer *w, const struct model_item *item)
{
	name_tracks(w, item);
	switch (item->r.event) {
	case TRACE_EXIT:
		write_exit(w, item);
		break;
	case TRACE_KICK:
		write_kick(w, item);
		break;
	default:
		write_instant(w, item);
		break;
	}
	write_suspension(w, item);
}

static void write_head(struct writer *w)
{
	const struct about *about = &w->o->m->about;

	fprintf(w->o->to,
		"{\"displayTimeUnit\":\"ns\",\"otherData\":{\"commit\":\"%s\","
		"\"tsc_hz\":\"%llu\"},\"traceEvents\":[",
		about->commit, (unsigned long long)about->tsc_hz);
	write_track(w, "process_name", PID_CPUS, 0, "CPUs");
	for (u32 i = 0; i < about->partitions; i++) {
		write_track(w, "process_name",
			    PID_PARTITIONS + about->partition[i].number, 0,
			    about->partition[i].name);
	}
}

void chrome_write(const struct output *o)
{
	struct writer w = {.o = o, .separator = ""};

	w.is_vp_named = calloc(VPS, sizeof(*w.is_vp_named));
	w.suspended = calloc(VPS, sizeof(void *));
	if (w.is_vp_named == NULL || w.suspended == NULL) {
		say_failed("expected memory for the tracks, found none");
	}
	write_head(&w);
	for (size_t i = 0; i < o->m->count; i++) {
		if (filter_has(o->filter, o->m, &o->m->items[i])) {
			write_item(&w, &o->m->items[i]);
		}
	}
	fputs("\n]}\n", o->to);
	free(w.is_vp_named);
	free(w.suspended);
}
