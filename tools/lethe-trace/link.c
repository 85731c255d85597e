/* SPDX-License-Identifier: MIT */
/*
 * A record belongs to the last exit before it on its CPU, which stayed in root
 * mode from the exit to the record. A kick causes the
 * first exit after it on the CPU that it goes to, unless that CPU is idle or
 * executes the work without an exit.
 */
#include "link.h"

#include "core/state/cpu.h"
#include "events.h"
#include "names.h"

bool link_is_hypercall(const struct trace_record *r)
{
	return r->event == TRACE_EXIT &&
	       events_get(r, "reason") == NAMES_VMCALL;
}

bool link_is_ended(const struct trace_record *r)
{
	return events_get(r, "status") != TRACE_NOT_YET;
}

u64 link_ticks(const struct model_item *item)
{
	return item->end - item->r.tsc;
}

/* The end that the record says, or the last record that was written in it. */
static void set_end(struct model_item *item)
{
	u64 ticks = events_get(&item->r, "ticks");

	item->is_end_known = ticks != TRACE_NOT_YET;
	item->end = item->r.tsc + (item->is_end_known ? ticks : 0);
	if (item->end < item->r.tsc) {
		item->end = ~0ull;
	}
	item->root_end = item->end;
}

/* From the first to the last: exits, calls, what is written in them. */
static void link_exits(struct model *m)
{
	static size_t last[MODEL_CPUS];

	for (size_t cpu = 0; cpu < MODEL_CPUS; cpu++) {
		last[cpu] = MODEL_NONE;
	}
	for (size_t i = 0; i < m->count; i++) {
		struct model_item *item = &m->items[i];
		struct model_item *exit;

		if (item->r.event == TRACE_EXIT) {
			set_end(item);
			item->call =
				link_is_hypercall(&item->r) ? ++m->calls : 0;
			last[item->cpu] = i;
		}
		item->exit = last[item->cpu];
		if (item->exit == MODEL_NONE || item->exit == i) {
			continue;
		}
		exit = &m->items[item->exit];
		if (!exit->is_end_known) {
			exit->end = item->r.tsc;
		}
		if (item->r.tsc > exit->root_end) {
			exit->root_end = item->r.tsc;
		}
		if (item->r.vp == exit->r.vp && item->r.tsc <= exit->end) {
			item->call = exit->call;
		}
	}
}

/* From the last to the first: what happens next on the CPU of a kick. */
static void link_kicks(struct model *m)
{
	static size_t next[MODEL_CPUS];

	for (size_t cpu = 0; cpu < MODEL_CPUS; cpu++) {
		next[cpu] = MODEL_NONE;
	}
	for (size_t i = m->count; i > 0; i--) {
		struct model_item *item = &m->items[i - 1];
		u64 cpu = events_get(&item->r, "cpu");

		item->next = MODEL_NONE;
		if (item->r.event == TRACE_KICK && cpu < MODEL_CPUS &&
		    (events_get(&item->r, "run") & RUN_GUEST) != 0) {
			item->next = next[cpu];
		}
		if (item->r.event == TRACE_EXIT) {
			next[item->cpu] = i - 1;
		} else if (item->r.event == TRACE_DRAINED) {
			next[item->cpu] = MODEL_NONE;
		}
	}
}

void link_items(struct model *m)
{
	link_exits(m);
	link_kicks(m);
}

size_t link_find_call(const struct model *m, u32 call)
{
	for (size_t i = 0; call != 0 && i < m->count; i++) {
		if (m->items[i].call == call && m->items[i].exit == i) {
			return i;
		}
	}
	return MODEL_NONE;
}
