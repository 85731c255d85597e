/* SPDX-License-Identifier: MIT */
/* Mistakes of two parts of a kernel: each relies on a flush of the other. */
#include "call/flush.h"
#include "kernel/page.h"
#include "suites/sanitize/seed.h"
#include "suites/sanitize/use.h"

/* mremap() under the lock of the tables: page 0 moves to page 1. */
static void move(void)
{
	u64 entry = page_get_entry(seed_page(0));

	page_set_entry(seed_page(0), 0);
	page_set_entry(seed_page(1), entry);
}

/* The next holder of the lock unmaps page 1, and its frame is free. */
static void unmap_moved(void)
{
	page_set_entry(seed_page(1), 0);
	seed_flush(1, seed_range(1, 0));
}

/* Page 0 alone is mapped, and VP 1 uses it. */
static void begin_move(void)
{
	seed_begin(sanitize_read, 0);
	page_set_entry(seed_page(1), 0);
	seed_flush(1, seed_range(1, 0));
}

/*
 * Linux before eb66ae030829 (CVE-2018-18281): the lock is dropped before the
 * flush of page 0, which comes at the end.
 */
static void moved(const void *arg)
{
	(void)arg;
	begin_move();
	seed_print("seed_moved");
	move();
	unmap_moved();
	seed_end();
}

static void moved_and_flushed(const void *arg)
{
	(void)arg;
	begin_move();
	seed_stop();
	move();
	seed_flush(1, seed_range(0, 0));
	unmap_moved();
	page_map(seed_page(0), seed_frame(1), SEED_FLAGS);
	seed_go_on(sanitize_read);
	seed_end();
}

/* Reclaim has changed entries and put off their flush. */
static volatile u32 is_pending;
static bool looks_for_pending;

/* Changes the entry of page 0; what is as wanted needs no flush. */
static bool protect(void)
{
	if (page_get_entry(seed_page(0)) ==
	    (seed_frame(1) | SEED_FLAGS | PTE_P | PTE_W)) {
		if (looks_for_pending && is_pending) {
			seed_flush(1, seed_range(0, 1));
			is_pending = 0;
		}
	}
	return true;
}

static void batch(bool looks)
{
	is_pending = 0;
	looks_for_pending = looks;
	seed_before(protect);
	seed_begin(sanitize_read, 0);
	if (!looks) {
		seed_print("seed_batched");
	}
	seed_change();
	is_pending = 1;
	seed_end();
}

/*
 * Linux before 3ea277194daa: mprotect() found an entry as reclaim had left it,
 * and did not know that its flush was put off.
 */
static void batched(const void *arg)
{
	(void)arg;
	batch(false);
}

static void batched_and_flushed(const void *arg)
{
	(void)arg;
	batch(true);
}

static const struct check checks[] = {
	SEED_CHECK(moved),
	SEED_CHECK(batched),
	SEED_CHECK(moved_and_flushed),
	SEED_CHECK(batched_and_flushed),
};

SUITE("sanitize", 107, checks);
