/* SPDX-License-Identifier: MIT */
/* Counts of a dump, as lines of `name value`. */
#include "describe.h"
#include "moment.h"
#include "output.h"

typedef unsigned long long print_t;

static void write_partitions(const struct output *o)
{
	const struct about *about = &o->m->about;

	for (u32 i = 0; i < about->partitions; i++) {
		const struct about_partition *p = &about->partition[i];

		fprintf(o->to, "partition %u: %s, %u VPs, stride %u\n",
			p->number, p->name, p->vps, p->stride);
	}
}

static void write_counts(const struct output *o)
{
	u64 counts[256] = {0};
	char text[DESCRIBE_ROOM];

	for (size_t i = 0; i < o->m->count; i++) {
		counts[o->m->items[i].r.event] +=
			filter_has(o->filter, o->m, &o->m->items[i]);
	}
	for (u32 event = 0; event < ARRAY_SIZE(counts); event++) {
		if (counts[event] != 0) {
			fprintf(o->to, "event %s: %llu\n",
				describe_event(text, (u8)event),
				(print_t)counts[event]);
		}
	}
}

void summary_write(const struct output *o)
{
	const struct model *m = o->m;
	char text[MOMENT_TEXT];

	fprintf(o->to, "dump %u of %u\n", m->dump, m->dumps);
	if (m->about.known) {
		fprintf(o->to, "commit %s\ncpus %u\ntsc_hz %llu\n",
			m->about.commit, m->about.cpus,
			(print_t)m->about.tsc_hz);
		write_partitions(o);
	}
	fprintf(o->to,
		"frames %llu\ndamaged %llu\nmissing %llu\nrepeated %llu\n"
		"lost %llu\nrecords %zu\nhypercalls %u\n",
		(print_t)m->frames, (print_t)m->damaged, (print_t)m->missing,
		(print_t)m->repeated, (print_t)m->total.lost, m->count,
		m->calls);
	if (m->count != 0) {
		u64 first = m->items[0].r.tsc;
		u64 last = m->items[m->count - 1].r.tsc;

		fprintf(o->to, "first %s s\n",
			moment_seconds(text,
				       moment_since_start(&m->about, first)));
		fprintf(o->to, "last %s s\n",
			moment_seconds(text,
				       moment_since_start(&m->about, last)));
	}
	write_counts(o);
}
