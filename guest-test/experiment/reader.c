/* SPDX-License-Identifier: MIT */
/* The reading loop loads and compares; nothing in it makes the VP exit. */
#include "experiment/reader.h"
#include "kernel/cpu.h"
#include "kernel/smp.h"
#include "kernel/watchdog.h"

volatile u64 reader_newest;

static struct reader readers[VPS_MAX];

struct reader *reader_of(u32 n)
{
	return &readers[n];
}

void reader_cycle(struct reader *r)
{
	u64 gva = r->base;

	for (u32 i = 0; i < r->count; i++, gva += r->step) {
		/* loads keep program order: floor, page, newest */
		u64 floor = r->floor;
		u64 epoch = cpu_read64(gva);

		if (UNLIKELY(epoch < floor)) {
			r->stale++;
		}
		if (UNLIKELY(epoch > reader_newest)) {
			r->wild++;
		}
		if (epoch > r->highest) {
			r->highest = epoch;
		}
	}
	r->cycles++;
}

void reader_run(void *arg)
{
	struct reader *r = reader_of(vp_self()->id);

	(void)arg;
	while (!r->stop) {
		reader_cycle(r);
		watchdog_poll();
	}
}
