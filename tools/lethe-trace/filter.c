/* SPDX-License-Identifier: MIT */
/* The names of events and VPs that options have. */
#include "filter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bits.h"
#include "core/state/cpu.h"
#include "events.h"
#include "moment.h"
#include "say.h"

/* The number of the partition whose name or number has these characters. */
static u32 partition_of(const struct model *m, const char *text, size_t len)
{
	char number[8];

	for (u32 i = 0; i < m->about.partitions; i++) {
		const struct about_partition *p = &m->about.partition[i];

		snprintf(number, sizeof(number), "%u", p->number);
		if ((strlen(p->name) == len &&
		     strncmp(p->name, text, len) == 0) ||
		    (strlen(number) == len &&
		     strncmp(number, text, len) == 0)) {
			return p->number;
		}
	}
	return FILTER_ANY;
}

static u32 run_id_of(const struct model *m, const char *vp)
{
	const char *colon = strrchr(vp, ':');
	unsigned long index;
	char *end;
	u32 partition;

	if (colon == NULL) {
		say_failed("--vp: expected PARTITION:INDEX, such as guest:0, "
			   "found `%s`",
			   vp);
	}
	partition = partition_of(m, vp, (size_t)(colon - vp));
	if (partition == FILTER_ANY) {
		say_failed("--vp: expected a partition of the dump, found `%s`",
			   vp);
	}
	index = strtoul(colon + 1, &end, 10);
	if (colon[1] < '0' || colon[1] > '9' || *end != 0 ||
	    index > RUN_VP_INDEX) {
		say_failed("--vp: expected a VP index from 0 to 4095 after the "
			   "colon, found `%s`",
			   vp);
	}
	return (u32)(FIELD_PREP(RUN_PARTITION, partition) | index);
}

static void choose_events(struct filter *filter)
{
	char name[64];

	for (const char *at = filter->event; *at != 0;) {
		size_t len = strcspn(at, ",");
		u8 event;

		snprintf(name, sizeof(name), "%.*s", (int)(len < 63 ? len : 63),
			 at);
		event = events_number(name);
		if (event == 0) {
			say_failed("--event: expected an event of "
				   "docs/trace.md, found `%s`",
				   name);
		}
		filter->events[event] = true;
		at += len + (at[len] == ',');
	}
}

void filter_prepare(struct filter *filter, const struct model *m)
{
	filter->run_id =
		filter->vp != NULL ? run_id_of(m, filter->vp) : FILTER_ANY;
	memset(filter->events, filter->event == NULL, sizeof(filter->events));
	if (filter->event != NULL) {
		choose_events(filter);
	}
}

bool filter_has(const struct filter *filter, const struct model *m,
		const struct model_item *item)
{
	s64 ns = moment_since_start(&m->about, item->r.tsc);

	return ns >= filter->from && ns <= filter->to &&
	       (filter->cpu == FILTER_ANY || filter->cpu == item->cpu) &&
	       (filter->run_id == FILTER_ANY || filter->run_id == item->r.vp) &&
	       filter->events[item->r.event];
}
