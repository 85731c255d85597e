/* SPDX-License-Identifier: MIT */
/* Swaps, looks, flushes, looks. Two frames alternate; each holds its epoch. */
#include "experiment/swap.h"
#include "experiment/reader.h"
#include "harness/tap.h"
#include "kernel/cmdline.h"
#include "kernel/cpu.h"
#include "kernel/page.h"
#include "kernel/relax.h"
#include "kernel/smp.h"

#define OLD_READS 100 /* of each reader, before the call */

static void write_frame(const struct swap *s, u64 frame, u64 epoch)
{
	reader_newest = epoch;
	if (!s->is_large) {
		cpu_write64(frame, epoch);
		return;
	}
	for (u32 i = 0; i < s->reads; i++) {
		cpu_write64(frame + i * s->step, epoch);
	}
}

static void map_all(const struct swap *s, u64 frame)
{
	for (u32 i = 0; i < s->pages; i++) {
		if (s->is_large) {
			page_map_large(i, frame, s->pte_flags);
		} else {
			page_map(i, frame, s->pte_flags);
		}
	}
}

/* Waits until each reader has begun and ended `cycles` whole passes. */
static void wait_cycles(u64 cycles)
{
	static u64 from[VPS_MAX];

	for (u32 n = 1; n < smp_count(); n++) {
		from[n] = reader_of(n)->cycles;
	}
	for (u32 n = 1; n < smp_count(); n++) {
		wait_until(reader_of(n)->cycles >= from[n] + cycles + 1);
	}
}

static void set_reader(const struct swap *s, struct reader *r)
{
	r->base = s->is_large ? PAGE_WINDOW_LARGE : PAGE_WINDOW;
	r->step = s->step;
	r->count = s->reads;
	r->stop = 0;
	r->floor = reader_newest;
	r->cycles = 0;
	r->highest = 0;
	r->stale = 0;
	r->wild = 0;
}

void swap_begin(struct swap *s)
{
	static u64 small_frames[2];
	static u64 large_frames[2];
	u64 *frames = s->is_large ? large_frames : small_frames;
	u64 epoch = reader_newest + 1;

	for (u32 i = 0; i < 2; i++) {
		if (frames[i] == 0) {
			frames[i] =
				page_gpa(s->is_large ? page_alloc_large()
						     : page_alloc(PAGE_SIZE));
		}
		s->frame[i] = frames[i];
	}
	s->rounds = 0;
	s->observed = 0;
	write_frame(s, s->frame[epoch & 1], epoch);
	map_all(s, s->frame[epoch & 1]);
	flush_call_everything();
	for (u32 n = 0; n < smp_count(); n++) {
		set_reader(s, reader_of(n));
	}
	smp_run_range(1, smp_count() - 1, reader_run, NULL);
}

static void perform(const struct swap *s, const struct flush_call *call)
{
	u64 flags = cpu_flags();
	u64 result;

	if (s->caller_if0) {
		cpu_cli();
	}
	result = flush_call_do(call);
	cpu_set_flags(flags);
	tap_equal("result", result, flush_call_success(call));
}

static void look_before(struct swap *s, const struct vpset *targets, u64 epoch)
{
	wait_cycles(OLD_READS / s->reads + 1);
	for (u32 n = 0; n < smp_count(); n++) {
		if (!vpset_has(targets, n)) {
			continue;
		}
		s->rounds++;
		if (reader_of(n)->highest < epoch) {
			s->observed++;
		}
	}
}

void swap_round(struct swap *s, const struct flush_call *call,
		const struct vpset *targets)
{
	u64 epoch = reader_newest + 1;
	struct reader *own = reader_of(vp_self()->id);
	bool all = true;

	reader_cycle(own);
	wait_cycles(1);
	write_frame(s, s->frame[epoch & 1], epoch);
	map_all(s, s->frame[epoch & 1]);
	reader_cycle(own);
	look_before(s, targets, epoch);

	perform(s, call);
	for (u32 n = 0; n < smp_count(); n++) {
		if (vpset_has(targets, n)) {
			reader_of(n)->floor = epoch;
		} else {
			all = false;
		}
	}
	reader_cycle(own);
	wait_cycles(1);
	if (!all) {
		flush_call_everything();
		wait_cycles(1);
	}
}

void swap_end(struct swap *s)
{
	u64 stale = 0;
	u64 wild = 0;

	for (u32 n = 0; n < smp_count(); n++) {
		struct reader *r = reader_of(n);

		r->stop = 1;
	}
	smp_wait_range(1, smp_count() - 1);
	for (u32 n = 0; n < smp_count(); n++) {
		stale += reader_of(n)->stale;
		wild += reader_of(n)->wild;
	}
	tap_equal("stale reads", stale, 0);
	tap_equal("reads of what was never written", wild, 0);
	/* an exit, to Lethe or to a host below it, may drop the TLB entry */
	tap_at_least("rounds with only old reads before the call",
		     s->observed * 4,
		     s->rounds * (cmdline_skips("ticks") ? 2 : 3));
}
