/* SPDX-License-Identifier: MIT */
/* Counts of other CPUs are read as they are, each word whole. */
#include "core/debug/histogram.h"

#include "core/debug/print.h"

static u64 load(const struct vp *vp, u64 slot, u32 bucket)
{
	return __atomic_load_n(&vp->stats->ticks[slot][bucket],
			       __ATOMIC_RELAXED);
}

static void add(struct histogram *h, u32 bucket, u64 count)
{
	h->count[bucket] += count;
	h->sum += count;
}

void histogram_add(struct histogram *h, const struct vp *vp, u64 slot)
{
	for (u32 i = 0; i < STATS_BUCKETS; i++) {
		add(h, i, load(vp, slot, i));
	}
}

void histogram_add_new(struct histogram *h, const struct vp *vp, u64 slot)
{
	for (u32 i = 0; i < STATS_BUCKETS; i++) {
		add(h, i, (u32)load(vp, slot, i) - vp->stats->looked[slot][i]);
	}
}

void histogram_look(const struct vp *vp, u64 slot)
{
	for (u32 i = 0; i < STATS_BUCKETS; i++) {
		vp->stats->looked[slot][i] = (u32)load(vp, slot, i);
	}
}

void histogram_print(struct debug_call *call, const struct histogram *h)
{
	debug_print(call, " %llu", (unsigned long long)h->sum);
	if (h->sum != 0) {
		debug_print(call, " ");
	}
	for (u32 i = 0; i < STATS_BUCKETS; i++) {
		if (h->count[i] != 0) {
			debug_print(call, " 2^%u:%llu", i,
				    (unsigned long long)h->count[i]);
		}
	}
	debug_print(call, "\n");
}
