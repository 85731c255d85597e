/* SPDX-License-Identifier: MIT */
/*
 * Memory whose translations a check changes: a PML4 entry that nothing else
 * uses, with tables of all levels. All VPs share it. No function here removes a
 * translation from a TLB, unless it says so.
 */
#ifndef GUEST_TEST_SUITES_PAGING_REGION_H
#define GUEST_TEST_SUITES_PAGING_REGION_H

#include "kernel/smp.h"

#include "x86/pte.h"

#define REGION 0xffffa00000000000ull /* 512 GiB */

/* What all upper entries of the region have. */
#define REGION_TABLE (PTE_PRESENT | PTE_WRITE | PTE_USER)

/* The address of a page of the region, by its number. */
static inline u64 region_gva(u64 page)
{
	return REGION + page * PAGE_SIZE;
}

/*
 * The entry of that level for `gva` in the tables of the running VP; tables
 * that are missing above it are made. Pre: no large page is above it.
 */
u64 *region_entry(u64 gva, u32 level);

/* By one store, as all of these. */
void region_set(u64 *entry, u64 value);
u64 region_get(const u64 *entry);

/* Runs fn(arg) on VP n, which is free or the caller, and waits for its end. */
void region_run_on(u32 n, vp_fn *fn, void *arg);

/* Flushes all addresses on all VPs, and expects success. */
void region_forget(void);

/*
 * With paging = shadow: no VP may have dropped a tree for lack of room, as a
 * translation that goes unasked hides errors.
 */
void region_expect_no_eviction(void);

#endif
