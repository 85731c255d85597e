/* SPDX-License-Identifier: MIT */
/* Which records an output has. */
#ifndef TOOLS_LETHE_TRACE_FILTER_H
#define TOOLS_LETHE_TRACE_FILTER_H

#include "model.h"

struct filter {
	const char *vp;    /* PARTITION:INDEX, its name or its number */
	const char *event; /* names, separated by commas */
	u32 cpu;           /* FILTER_ANY: of all CPUs */
	s64 from;          /* nanoseconds since the start */
	s64 to;
	/* what filter_prepare() makes of them */
	u32 run_id; /* FILTER_ANY: of all VPs */
	bool events[256];
};

#define FILTER_ANY (~0u)

/*
 * Looks the names up in the model. Ends the program if a name is unknown.
 */
void filter_prepare(struct filter *filter, const struct model *m);

bool filter_has(const struct filter *filter, const struct model *m,
		const struct model_item *item);

#endif
