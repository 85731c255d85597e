/* SPDX-License-Identifier: MIT */
/*
 * Mistakes with flushes, for the sanitizer. VP 1 uses a page again and again
 * while VP 0 changes its entry and makes the mistake. A line `# seed_NAME RIP
 * GVA` says what has to be found; checks without one must not be. VP 0 never
 * touches the page by that address.
 */
#include "call/flush.h"
#include "harness/suite.h"
#include "harness/tap.h"
#include "kernel/cpu.h"
#include "kernel/page.h"
#include "kernel/relax.h"
#include "kernel/smp.h"
#include "suites/sanitize/use.h"

#include "x86/pte.h"

/* TSC ticks: more than the default grace, and much less */
#define LONG  22000000
#define SHORT 2000000

#define FLAGS (PTE_ACCESSED | PTE_DIRTY)

/* What VP 1 does with which page of the window. */
static struct {
	void (*fn)(u64 gva);
	u32 page;
	volatile u32 stop;
	volatile u64 turns;
} use;

static u64 frames[2];
static u32 next_page;

static void use_job(void *arg)
{
	u64 gva = page_window(use.page);

	(void)arg;
	while (use.stop == 0) {
		use.fn(gva);
		use.turns++;
		watchdog_poll();
	}
}

static void wait_turns(void)
{
	u64 from = use.turns;

	spin_until(use.turns >= from + 10);
}

static void wait_ticks(u64 ticks)
{
	u64 from = cpu_rdtsc();

	spin_until(cpu_rdtsc() - from >= ticks);
}

/*
 * Two pages of the window that no check has used are mapped, and VP 1 uses the
 * page with number `at` of them.
 */
static void begin(void (*fn)(u64 gva), u32 at)
{
	for (u32 i = 0; i < 2; i++) {
		if (frames[i] == 0) {
			frames[i] = page_gpa(page_alloc(PAGE_SIZE));
		}
		page_map(next_page + i, frames[0], FLAGS);
	}
	flush_call_everything();
	use.fn = fn;
	use.page = next_page + at;
	use.stop = 0;
	next_page += 2;
	smp_run(1, use_job, NULL);
	wait_turns();
}

/* Both pages of begin() have the other frame. */
static void change(void)
{
	page_map(next_page - 2, frames[1], FLAGS);
	page_map(next_page - 1, frames[1], FLAGS);
}

static void end(void)
{
	use.stop = 1;
	smp_wait(1);
	flush_call_everything();
}

static void seed(const char *name)
{
	tap_note_hex(name, (u64)use.fn, page_window(use.page));
}

/* VP 1 goes on for longer than the grace. */
static void end_seed(void)
{
	wait_ticks(LONG);
	wait_turns();
	end();
}

static void flush(u32 vp, u64 range)
{
	const struct vpset vps = vpset_one(vp);
	struct flush_call call = flush_call_list(&vps, &range, 1);

	tap_equal("result", flush_call_do(&call), flush_call_success(&call));
}

/* The pages of begin() from number `first` on, `extra` more. */
static u64 range(u32 first, u32 extra)
{
	return flush_call_range(page_window(next_page - 2 + first), extra);
}

/* ---- mistakes ---- */

static void no_flush(const void *arg)
{
	(void)arg;
	begin(sanitize_read, 0);
	seed("seed_no_flush");
	change();
	end_seed();
}

/* The caller is flushed instead of the VP that uses the page. */
static void wrong_vp(const void *arg)
{
	(void)arg;
	begin(sanitize_read, 0);
	seed("seed_wrong_vp");
	change();
	flush(0, range(0, 1));
	end_seed();
}

static void range_short(const void *arg)
{
	(void)arg;
	begin(sanitize_read, 1);
	seed("seed_range_short");
	change();
	flush(1, range(0, 0));
	end_seed();
}

/* The range begins after the last page, and has its length negated. */
static void swapped(const void *arg)
{
	(void)arg;
	begin(sanitize_read, 1);
	seed("seed_swapped");
	change();
	flush(1, range(2, (u32)(-2 - 1) & HV_GVA_RANGE_EXTRA));
	end_seed();
}

/* VP 1 uses the page between the flush and the change. */
static void flush_first(const void *arg)
{
	(void)arg;
	begin(sanitize_read, 0);
	seed("seed_flush_first");
	flush(1, range(0, 1));
	wait_turns();
	change();
	end_seed();
}

static void invlpg_here(const void *arg)
{
	(void)arg;
	begin(sanitize_read, 0);
	seed("seed_invlpg_here");
	change();
	cpu_invlpg(page_window(use.page));
	end_seed();
}

static void unmapped(const void *arg)
{
	(void)arg;
	begin(sanitize_read, 0);
	seed("seed_unmapped");
	page_set_entry(use.page, 0);
	end_seed();
}

static void write_protected(const void *arg)
{
	(void)arg;
	begin(sanitize_write, 0);
	seed("seed_write_protected");
	page_set_entry(use.page, frames[0] | FLAGS | PTE_P);
	end_seed();
}

static void cleaned(const void *arg)
{
	(void)arg;
	begin(sanitize_write, 0);
	seed("seed_cleaned");
	page_map(use.page, frames[0], PTE_ACCESSED);
	end_seed();
}

/* ---- none ---- */

static void late_flush(const void *arg)
{
	(void)arg;
	begin(sanitize_read, 0);
	change();
	wait_ticks(SHORT);
	flush(1, range(0, 1));
	wait_ticks(LONG);
	end();
}

/* Write-protected and back, as mprotect() there and back. */
static void granted_again(const void *arg)
{
	(void)arg;
	begin(sanitize_write, 0);
	page_set_entry(use.page, frames[0] | FLAGS | PTE_P);
	wait_ticks(SHORT);
	page_map(use.page, frames[0], FLAGS);
	wait_ticks(LONG);
	end();
}

static void read_of_write_protected(const void *arg)
{
	(void)arg;
	begin(sanitize_write, 0);
	use.stop = 1;
	smp_wait(1);
	use.stop = 0;
	use.fn = sanitize_read;
	page_set_entry(use.page, frames[0] | FLAGS | PTE_P);
	smp_run(1, use_job, NULL);
	wait_ticks(LONG);
	end();
}

/* VP 1 no longer uses the page when it changes. */
static void unused(const void *arg)
{
	(void)arg;
	begin(sanitize_read, 0);
	use.stop = 1;
	smp_wait(1);
	change();
	wait_ticks(LONG);
	flush_call_everything();
}

#define CHECK(_name)                                                           \
	{                                                                      \
#_name, "SDM 3A: Recommended Invalidation", _name, NULL, 2,    \
			NEED_HV | NEED_SHADOW | NEED_OBSERVE                   \
	}

static const struct check checks[] = {
	CHECK(no_flush),
	CHECK(wrong_vp),
	CHECK(range_short),
	CHECK(swapped),
	CHECK(flush_first),
	CHECK(invlpg_here),
	CHECK(unmapped),
	CHECK(write_protected),
	CHECK(cleaned),
	CHECK(late_flush),
	CHECK(unused),
	CHECK(granted_again),
	CHECK(read_of_write_protected),
};

SUITE("sanitize", 105, checks);
