/* SPDX-License-Identifier: MIT */
/* The window has more pages than all checks together take. */
#include "suites/sanitize/seed.h"
#include "call/flush.h"
#include "harness/tap.h"
#include "kernel/cpu.h"
#include "kernel/page.h"
#include "kernel/relax.h"
#include "kernel/smp.h"

#define PAGES 2 /* of a check */

/* What VP 1 does with which page. */
static struct {
	void (*fn)(u64 gva);
	bool (*before)(void);
	u64 gva;
	volatile u32 stop;
	volatile u64 turns;
} use;

static u64 frames[2];
static u64 map_flags; /* of the pages */
static u32 next_page;

static void use_job(void *arg)
{
	(void)arg;
	while (use.stop == 0) {
		if (use.before == NULL || use.before()) {
			use.fn(use.gva);
		}
		use.turns++;
		watchdog_poll();
	}
}

void seed_wait_turns(void)
{
	u64 from = use.turns;

	spin_until(use.turns >= from + 10);
}

void seed_wait_ticks(u64 ticks)
{
	u64 from = cpu_rdtsc();

	spin_until(cpu_rdtsc() - from >= ticks);
}

u32 seed_page(u32 i)
{
	return next_page - PAGES + i;
}

u64 seed_frame(u32 i)
{
	if (frames[i] == 0) {
		frames[i] = page_gpa(page_alloc(PAGE_SIZE));
	}
	return frames[i];
}

static void map_both(u64 frame)
{
	for (u32 i = 0; i < PAGES; i++) {
		page_map(seed_page(i), frame, map_flags);
	}
}

void seed_before(bool (*fn)(void))
{
	use.before = fn;
}

void seed_go_on(void (*fn)(u64 gva))
{
	use.fn = fn;
	use.stop = 0;
	smp_run(1, use_job, NULL);
	seed_wait_turns();
}

void seed_begin_at(void (*fn)(u64 gva), u64 gva)
{
	flush_call_everything();
	use.gva = gva;
	seed_go_on(fn);
}

void seed_begin_with(void (*fn)(u64 gva), u32 at, u64 flags)
{
	next_page += PAGES;
	map_flags = flags;
	map_both(seed_frame(0));
	seed_begin_at(fn, page_window(seed_page(at)));
}

void seed_begin(void (*fn)(u64 gva), u32 at)
{
	seed_begin_with(fn, at, SEED_FLAGS);
}

void seed_change(void)
{
	map_both(seed_frame(1));
}

void seed_stop(void)
{
	use.stop = 1;
	smp_wait(1);
}

void seed_end(void)
{
	seed_wait_ticks(SEED_LONG);
	if (smp_is_busy(1)) {
		seed_wait_turns();
		seed_stop();
	}
	use.before = NULL;
	flush_call_everything();
}

void seed_print(const char *name)
{
	tap_note_hex(name, (u64)use.fn, use.gva);
}

void seed_flush(u32 vp, u64 range)
{
	const struct vpset vps = vpset_one(vp);
	struct flush_call call = flush_call_list(&vps, &range, 1);

	tap_equal("result", flush_call_do(&call), flush_call_success(&call));
}

u64 seed_range(u32 first, u32 extra)
{
	return flush_call_range(page_window(seed_page(first)), extra);
}
