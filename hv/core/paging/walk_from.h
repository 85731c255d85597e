/* SPDX-License-Identifier: MIT */
/*
 * The way down a guest's tables, from any of them to the entry that maps an
 * address: formats, reserved bits, accessed and dirty bits. Which accesses the
 * entries allow is decided in walk.c.
 */
#ifndef HV_CORE_PAGING_WALK_FROM_H
#define HV_CORE_PAGING_WALK_FROM_H

#include "core/paging/walk.h"
#include "x86/pte.h"

#define WALK_STEPS       4
#define WALK_SHIFT_PDE32 22 /* 32-bit paging; elsewhere PTE_SHIFT() */

/* A table, and what the entries on the way to it allow. */
struct walk_table {
	u64 base;
	u32 shift; /* of the address bits that index it, which tells its level
		    */
	u64 all;   /* AND of the entries: PTE_WRITE and PTE_USER count */
	u64 any;   /* OR of the entries: PTE_NX counts */
};

struct walk_step {
	gpa_t at;
	u64 entry;
	u32 shift;
};

/* The entries that were read, top-down; the last one maps the page. */
struct walk_path {
	u32 steps;
	struct walk_step step[WALK_STEPS];
	u64 all; /* like those of the start, the entries read included */
	u64 any;
	u32 entry_size; /* bytes */
	gpa_t at;       /* of the entry that lies outside RAM */
};

/*
 * The table that CR3 (PAE paging: the PDPTE register) names for `gva`, without
 * a look into memory. WALK_NOT_PRESENT: the PDPTE. `gva` is canonical.
 */
enum walk_status walk_from_cr3(const struct walk_state *state, u64 gva,
			       struct walk_table *table) __must_check;

/*
 * Reads the entries for `gva` from `start` down. `path` is valid with WALK_OK,
 * path->at with WALK_UNMAPPED. Checks no right and writes nothing. Otherwise
 * path->step has the entries before the one at which the walk ended, and the
 * rest of it is as it was.
 */
enum walk_status walk_from(struct partition *p, const struct walk_state *state,
			   u64 gva, const struct walk_table *start,
			   struct walk_path *path) __must_check;

/*
 * SDM 3A, "Accessed and Dirty Flags": sets them in the entries of `path`,
 * top-down, each by LOCK CMPXCHG. WALK_AGAIN: an entry has changed.
 */
enum walk_status walk_from_set_bits(struct partition *p,
				    const struct walk_path *path,
				    bool is_write) __must_check;

static inline const struct walk_step *walk_from_leaf(const struct walk_path *p)
{
	return &p->step[p->steps - 1];
}

/* walk_from_page() of a page of any size. */
u64 walk_from_large_page(const struct walk_path *path, u64 gva);

/* The guest-physical address that `gva` has by `path`. */
static inline u64 walk_from_page(const struct walk_path *path, u64 gva)
{
	const struct walk_step *leaf = walk_from_leaf(path);

	return LIKELY(leaf->shift == PTE_SHIFT(1))
		       ? (leaf->entry & PTE_ADDR) | (gva & ~PAGE_MASK)
		       : walk_from_large_page(path, gva);
}

#endif
