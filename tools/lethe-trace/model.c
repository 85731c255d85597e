/* SPDX-License-Identifier: MIT */
/*
 * Which frames make a dump: a begin frame begins one, and so does a frame of
 * another stream. Their sequence numbers say whether frames are missing.
 */
#include "model.h"

#include <stdlib.h>
#include <string.h>

#include "link.h"
#include "say.h"
#include "unpack.h"

/* The log as it is read. */
struct reading {
	struct model *m;
	u32 wanted; /* number of the dump; MODEL_LAST */
	u32 stream; /* of the dump that is being read */
	u64 next;   /* the sequence number that comes next */
	u64 end;    /* the same for the dump that is wanted */
	size_t room;
};

/* Begins another dump: forgets what there is of the one before. */
static void begin_dump(struct reading *r, const struct frame *frame)
{
	struct model *m = r->m;

	m->dumps++;
	r->stream = frame->stream;
	r->next = 0;
	if (r->wanted == MODEL_LAST || r->wanted == m->dumps) {
		m->dump = m->dumps;
		m->count = 0;
		m->missing = 0;
		m->repeated = 0;
		m->frames = 0;
		m->about = (struct about){.known = false};
		m->total = (struct about_total){.known = false};
	}
}

static void add(struct reading *r, const struct trace_record *record, u16 cpu)
{
	struct model *m = r->m;

	if (m->count == r->room) {
		r->room = r->room != 0 ? 2 * r->room : 1024;
		m->items = say_room(m->items, r->room, sizeof(*m->items));
	}
	m->items[m->count] = (struct model_item){
		.r = *record, .cpu = cpu, .order = m->count};
	m->count++;
}

static bool add_records(struct reading *r, const struct frame *frame)
{
	struct unpack u = {.at = frame->payload, .left = frame->len};
	const size_t before = r->m->count;
	struct trace_record record;

	if (frame->cpu >= MODEL_CPUS) {
		return false;
	}
	for (u32 i = 0; i < frame->records; i++) {
		if (!unpack_record(&u, &record)) {
			r->m->count = before;
			return false;
		}
		add(r, &record, frame->cpu);
	}
	if (u.left != 0) {
		r->m->count = before;
	}
	return u.left == 0;
}

static bool take_content(struct reading *r, const struct frame *frame)
{
	switch (frame->kind) {
	case DUMP_BEGIN:
		return about_begin(&r->m->about, frame);
	case DUMP_END:
		return about_end(&r->m->total, frame);
	case DUMP_RECORDS:
	default:
		return add_records(r, frame);
	}
}

static void take_frame(struct reading *r, const struct frame *frame)
{
	struct model *m = r->m;
	bool is_first = m->dumps == 0 || frame->stream != r->stream ||
			(frame->kind == DUMP_BEGIN && r->next != 0);

	if (is_first) {
		begin_dump(r, frame);
	}
	if (m->dump != m->dumps) {
		r->next = (u64)frame->seq + 1;
		return; /* of a dump that nobody asked for */
	}
	if (frame->seq < r->next) {
		m->repeated++;
		return;
	}
	if (!take_content(r, frame)) {
		m->damaged++;
		return;
	}
	m->missing += frame->seq - r->next;
	m->frames++;
	r->next = (u64)frame->seq + 1;
	r->end = r->next;
}

static int compare(const void *left, const void *right)
{
	const struct model_item *a = left;
	const struct model_item *b = right;

	if (a->r.tsc != b->r.tsc) {
		return a->r.tsc < b->r.tsc ? -1 : 1;
	}
	if (a->cpu != b->cpu) {
		return a->cpu < b->cpu ? -1 : 1;
	}
	return a->order < b->order ? -1 : a->order > b->order;
}

/* Without a begin frame: ticks from the first record, as nanoseconds. */
static void guess_about(struct model *m)
{
	m->about.tsc_hz = 1000000000;
	m->about.tsc_start = m->count != 0 ? m->items[0].r.tsc : 0;
	for (size_t i = 0; i < m->count; i++) {
		if (m->items[i].cpu >= m->about.cpus) {
			m->about.cpus = m->items[i].cpu + 1u;
		}
	}
}

void model_read(struct model *m, const char *log, size_t len, u32 number)
{
	struct frame_finder finder = {.bytes = log, .len = len};
	struct reading r = {.m = m, .wanted = number};
	struct frame frame;

	memset(m, 0, sizeof(*m));
	while (frame_next(&finder, &frame)) {
		take_frame(&r, &frame);
	}
	m->damaged += finder.damaged;
	if (m->count != 0) {
		qsort(m->items, m->count, sizeof(*m->items), compare);
	}
	if (!m->about.known) {
		guess_about(m);
	}
	if (m->total.known && m->total.frames > r.end) {
		m->missing += m->total.frames - r.end;
	}
	link_items(m);
}

void model_free(struct model *m)
{
	free(m->items);
	m->items = NULL;
	m->count = 0;
}

bool model_is_complete(const struct model *m)
{
	return m->about.known && m->total.known && m->damaged == 0 &&
	       m->missing == 0 && m->total.lost == 0;
}
