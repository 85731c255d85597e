/* SPDX-License-Identifier: MIT */
/* Histograms of ticks, added up and printed. */
#ifndef HV_CORE_DEBUG_HISTOGRAM_H
#define HV_CORE_DEBUG_HISTOGRAM_H

#include "core/debug/command.h"
#include "core/trace/stats.h"

struct histogram {
	u64 sum;
	u64 count[STATS_BUCKETS];
};

/* Adds what counts in a slot of `vp`: from the start on; since the last look.
   Not with HISTOGRAM=no. */
void histogram_add(struct histogram *h, const struct vp *vp, u64 slot);
void histogram_add_new(struct histogram *h, const struct vp *vp, u64 slot);

/* The next histogram_add_new() begins here. */
void histogram_look(const struct vp *vp, u64 slot);

/* " SUM  2^n:count 2^m:count ..." and the end of the line. */
void histogram_print(struct debug_call *call, const struct histogram *h);

#endif
