/* SPDX-License-Identifier: MIT */
/*
 * Mistakes with entries and flushes. A line `# seed_NAME RIP GVA` says what has
 * to be found; checks without one must not be.
 */
#include "kernel/cpu.h"
#include "kernel/page.h"
#include "suites/sanitize/seed.h"
#include "suites/sanitize/use.h"

#include "tlfs/hypercall.h"

/* ---- mistakes ---- */

/* Linux before 912efa17e512: no page was gathered, so nothing was flushed. */
static void no_flush(const void *arg)
{
	(void)arg;
	seed_begin(sanitize_read, 0);
	seed_print("seed_no_flush");
	seed_change();
	seed_end();
}

/*
 * The caller is flushed, not the VP that uses the page: Linux before
 * fea4e317f9e7 left out a CPU that had just loaded the address space.
 */
static void wrong_vp(const void *arg)
{
	(void)arg;
	seed_begin(sanitize_read, 0);
	seed_print("seed_wrong_vp");
	seed_change();
	seed_flush(0, seed_range(0, 1));
	seed_end();
}

/* The end of the range is taken for its last page. */
static void range_short(const void *arg)
{
	(void)arg;
	seed_begin(sanitize_read, 1);
	seed_print("seed_range_short");
	seed_change();
	seed_flush(1, seed_range(0, 0));
	seed_end();
}

/*
 * The range begins after the last page, and has its length negated: Linux
 * before 31e67340cc65 flushed from ULONG_MAX to 0.
 */
static void swapped(const void *arg)
{
	(void)arg;
	seed_begin(sanitize_read, 1);
	seed_print("seed_swapped");
	seed_change();
	seed_flush(1, seed_range(2, (u32)(-2 - 1) & HV_GVA_RANGE_EXTRA));
	seed_end();
}

/* VP 1 uses the page between the flush and the change. */
static void flush_first(const void *arg)
{
	(void)arg;
	seed_begin(sanitize_read, 0);
	seed_print("seed_flush_first");
	seed_flush(1, seed_range(0, 1));
	seed_wait_turns();
	seed_change();
	seed_end();
}

static void invlpg_here(const void *arg)
{
	(void)arg;
	seed_begin(sanitize_read, 0);
	seed_print("seed_invlpg_here");
	seed_change();
	cpu_invlpg(page_window(seed_page(0)));
	seed_end();
}

static void unmapped(const void *arg)
{
	(void)arg;
	seed_begin(sanitize_read, 0);
	seed_print("seed_unmapped");
	page_set_entry(seed_page(0), 0);
	seed_end();
}

static void write_protected(const void *arg)
{
	(void)arg;
	seed_begin(sanitize_write, 0);
	seed_print("seed_write_protected");
	page_set_entry(seed_page(0), seed_frame(0) | SEED_FLAGS | PTE_P);
	seed_end();
}

static void cleaned(const void *arg)
{
	(void)arg;
	seed_begin(sanitize_write, 0);
	seed_print("seed_cleaned");
	page_map(seed_page(0), seed_frame(0), PTE_ACCESSED);
	seed_end();
}

/* ---- none ---- */

static void late_flush(const void *arg)
{
	(void)arg;
	seed_begin(sanitize_read, 0);
	seed_change();
	seed_wait_ticks(SEED_SHORT);
	seed_flush(1, seed_range(0, 1));
	seed_end();
}

/* Write-protected and back, as mprotect() there and back. */
static void granted_again(const void *arg)
{
	(void)arg;
	seed_begin(sanitize_write, 0);
	page_set_entry(seed_page(0), seed_frame(0) | SEED_FLAGS | PTE_P);
	seed_wait_ticks(SEED_SHORT);
	page_map(seed_page(0), seed_frame(0), SEED_FLAGS);
	seed_end();
}

static void read_of_write_protected(const void *arg)
{
	(void)arg;
	seed_begin(sanitize_write, 0);
	seed_stop();
	page_set_entry(seed_page(0), seed_frame(0) | SEED_FLAGS | PTE_P);
	seed_go_on(sanitize_read);
	seed_end();
}

/* VP 1 no longer uses the page when it changes. */
static void unused(const void *arg)
{
	(void)arg;
	seed_begin(sanitize_read, 0);
	seed_stop();
	seed_change();
	seed_end();
}

static const struct check checks[] = {
	SEED_CHECK(no_flush),
	SEED_CHECK(wrong_vp),
	SEED_CHECK(range_short),
	SEED_CHECK(swapped),
	SEED_CHECK(flush_first),
	SEED_CHECK(invlpg_here),
	SEED_CHECK(unmapped),
	SEED_CHECK(write_protected),
	SEED_CHECK(cleaned),
	SEED_CHECK(late_flush),
	SEED_CHECK(unused),
	SEED_CHECK(granted_again),
	SEED_CHECK(read_of_write_protected),
};

SUITE("sanitize", 105, checks);
