/* SPDX-License-Identifier: MIT */
/*
 * Common Trace Format 1.8: a folder with `metadata` and a stream for each CPU,
 * which is one packet. Times are ticks from the trace's start, or from the
 * first record if that is earlier.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "ctf_metadata.h"
#include "describe.h"
#include "events.h"
#include "output.h"
#include "say.h"

#define MAGIC       0xc1fc1fc1u
#define HEADER_BITS (8u * (4 + 4 + 8 + 8 + 8 + 8 + 4))
#define PATH_ROOM   4096

struct writer {
	const struct output *o;
	u64 base; /* TSC of time 0 */
	FILE *to;
	u64 bytes; /* of the events of this packet */
	u64 first;
	u64 last;
};

static FILE *open_file(const struct output *o, const char *name)
{
	char path[PATH_ROOM];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", o->path, name);
	file = fopen(path, "wb");
	if (file == NULL) {
		say_failed("%s: expected a file that can be written, found: %s",
			   path, strerror(errno));
	}
	return file;
}

static void close_file(FILE *file)
{
	bool failed = ferror(file) != 0;

	if (fclose(file) != 0 || failed) {
		say_failed("ctf: expected room for the output, found: %s",
			   strerror(errno));
	}
}

static void put(FILE *to, u64 value, size_t width)
{
	u8 bytes[8] = {0};

	for (size_t i = 0; i < width; i++) {
		bytes[i] = (u8)(value >> 8 * i);
	}
	fwrite(bytes, 1, width, to);
}

/* Also written before the events, so that they begin at the right place. */
static void write_header(struct writer *w, u32 cpu)
{
	u64 bits = HEADER_BITS + 8 * w->bytes;

	rewind(w->to);
	put(w->to, MAGIC, 4);
	put(w->to, 0, 4);
	put(w->to, w->first, 8);
	put(w->to, w->last, 8);
	put(w->to, bits, 8);
	put(w->to, bits, 8);
	put(w->to, cpu, 4);
}

static void put_counted(struct writer *w, u64 value, size_t width)
{
	put(w->to, value, width);
	w->bytes += width;
}

static void write_item(struct writer *w, const struct model_item *item)
{
	const struct trace_record *r = &item->r;
	const struct events_field *field = events_first(r->event);
	char vp[DESCRIBE_ROOM];

	describe_vp(vp, &w->o->m->about, r->vp);
	w->last = r->tsc - w->base;
	w->first = w->bytes == 0 ? w->last : w->first;
	put_counted(w, r->event, 1);
	put_counted(w, w->last, 8);
	fwrite(vp, 1, strlen(vp) + 1, w->to);
	w->bytes += strlen(vp) + 1;
	if (events_name(r->event) == NULL) {
		put_counted(w, r->flags, 8);
		put_counted(w, r->a0, 8);
		put_counted(w, r->a1, 8);
		put_counted(w, r->a2, 8);
	}
	for (; field != NULL; field = events_after(field)) {
		put_counted(w, events_value(r, field), 8);
	}
}

static void write_stream(struct writer *w, u32 cpu,
			 const struct model_item *const *items, size_t count)
{
	char name[32];

	snprintf(name, sizeof(name), "cpu_%u", cpu);
	w->to = open_file(w->o, name);
	w->bytes = 0;
	write_header(w, cpu);
	for (size_t i = 0; i < count; i++) {
		write_item(w, items[i]);
	}
	write_header(w, cpu);
	close_file(w->to);
}

/* The items that the filter lets through, CPU by CPU, in the order of time. */
static void write_streams(struct writer *w)
{
	const struct model *m = w->o->m;
	const struct model_item **items =
		say_room(NULL, m->count + 1, sizeof(struct model_item *));
	size_t start[MODEL_CPUS + 2] = {0};

	for (size_t i = 0; i < m->count; i++) {
		if (filter_has(w->o->filter, m, &m->items[i])) {
			start[m->items[i].cpu + 2]++;
		}
	}
	for (u32 cpu = 2; cpu < MODEL_CPUS + 2; cpu++) {
		start[cpu] += start[cpu - 1];
	}
	for (size_t i = 0; i < m->count; i++) {
		if (filter_has(w->o->filter, m, &m->items[i])) {
			items[start[m->items[i].cpu + 1]++] = &m->items[i];
		}
	}
	for (u32 cpu = 0; cpu < MODEL_CPUS; cpu++) {
		size_t count = start[cpu + 1] - start[cpu];

		if (count != 0) {
			write_stream(w, cpu, &items[start[cpu]], count);
		}
	}
	free(items);
}

void ctf_write(const struct output *o)
{
	const struct model *m = o->m;
	struct writer w = {.o = o, .base = m->about.tsc_start};
	FILE *metadata;

	if (m->count != 0 && m->items[0].r.tsc < w.base) {
		w.base = m->items[0].r.tsc;
	}
	if (mkdir(o->path, 0777) != 0 && errno != EEXIST) {
		say_failed("%s: expected a folder that can be made, found: %s",
			   o->path, strerror(errno));
	}
	metadata = open_file(o, "metadata");
	ctf_metadata_write(metadata, m);
	close_file(metadata);
	write_streams(&w);
}
