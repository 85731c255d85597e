/* SPDX-License-Identifier: MIT */
/* Mistakes with page tables: freed, or put in place of a large page. */
#include "call/flush.h"
#include "harness/tap.h"
#include "kernel/mem.h"
#include "kernel/page.h"
#include "kernel/smp.h"
#include "suites/sanitize/seed.h"
#include "suites/sanitize/use.h"

#define ENTRIES 512
#define AT      5 /* the page of the table that VP 1 uses */
#define GVA     (PAGE_TABLE_GVA + AT * PAGE_SIZE)
#define GVA_TWO (GVA + 2 * PAGE_SIZE) /* no finding is printed twice */
#define REUSED  0x5a

static u64 *table;

/* A page table whose pages all have one frame. */
static void map_table(void)
{
	table = page_alloc(PAGE_SIZE);
	for (u32 i = 0; i < ENTRIES; i++) {
		table[i] = seed_frame(0) | SEED_FLAGS | PTE_P | PTE_W;
	}
	page_map_table(page_gpa(table));
}

/* The table gets other content. */
static void free_table(void)
{
	memset(table, REUSED, PAGE_SIZE);
}

/* ---- mistakes ---- */

/*
 * Linux before a4a118f2eead (CVE-2021-4002) and d86564a2f085: the page is free
 * for others before the flush, which comes at the end.
 */
static void table_freed(const void *arg)
{
	(void)arg;
	map_table();
	seed_begin_at(sanitize_read, GVA);
	seed_print("seed_table_freed");
	page_unmap_table();
	free_table();
	seed_end();
}

static volatile u32 is_lazy[2];

static bool be_lazy(void)
{
	is_lazy[1] = 1;
	return true;
}

/* Flushes the range on the VPs that are not lazy. */
static void flush_others_than_lazy(u64 range)
{
	for (u32 n = 0; n < ARRAY_SIZE(is_lazy); n++) {
		if (!is_lazy[n]) {
			seed_flush(n, range);
		}
	}
}

/*
 * Linux, hyperv_flush_tlb_multi(), skips lazy CPUs, unless tables were freed:
 * without that exception.
 */
static void lazy_skipped(const void *arg)
{
	(void)arg;
	map_table();
	seed_before(be_lazy);
	seed_begin_at(sanitize_read, GVA_TWO);
	seed_print("seed_lazy_skipped");
	page_unmap_table();
	flush_others_than_lazy(flush_call_range(GVA_TWO, 0));
	free_table();
	seed_end();
}

/* A large page that VP 1 writes to; its entry then names a table. */
static void begin_large(void)
{
	static u64 frame;

	if (frame == 0) {
		frame = page_gpa(page_alloc_large());
	}
	page_map_large(PAGE_WINDOW_LARGE_COUNT, frame, SEED_FLAGS);
	seed_begin_at(sanitize_write, GVA);
	table = page_alloc(PAGE_SIZE);
	for (u32 i = 0; i < ENTRIES; i++) {
		table[i] = (frame + i * PAGE_SIZE) | SEED_FLAGS | PTE_P | PTE_W;
	}
}

/*
 * Linux before ad5ca55f6bdb: no flush where a large page was split and an
 * attribute of its part changed.
 */
static void split_and_changed(const void *arg)
{
	(void)arg;
	begin_large();
	seed_print("seed_split_and_changed");
	table[AT] &= ~PTE_W;
	page_map_table(page_gpa(table));
	seed_end();
}

/* ---- none ---- */

static void table_freed_after_flush(const void *arg)
{
	(void)arg;
	map_table();
	seed_begin_at(sanitize_read, GVA);
	seed_stop();
	page_unmap_table();
	seed_flush(1, flush_call_range(GVA, 0));
	free_table();
	map_table();
	seed_go_on(sanitize_read);
	seed_end();
}

/* The table says the same as the large page. */
static void split_alone(const void *arg)
{
	(void)arg;
	begin_large();
	page_map_table(page_gpa(table));
	seed_end();
}

/* Another page of the table than the one that VP 1 uses has fewer rights. */
static void split_elsewhere(const void *arg)
{
	(void)arg;
	begin_large();
	table[AT + 1] &= ~PTE_W;
	page_map_table(page_gpa(table));
	seed_end();
}

static const struct check checks[] = {
	SEED_CHECK(table_freed),       SEED_CHECK(lazy_skipped),
	SEED_CHECK(split_and_changed), SEED_CHECK(table_freed_after_flush),
	SEED_CHECK(split_alone),       SEED_CHECK(split_elsewhere),
};

SUITE("sanitize", 106, checks);
