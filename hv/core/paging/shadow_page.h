/* SPDX-License-Identifier: MIT */
/* What a leaf of a software TLB says, whichever level it is at. */
#ifndef HV_CORE_PAGING_SHADOW_PAGE_H
#define HV_CORE_PAGING_SHADOW_PAGE_H

#include "core/paging/walk_from.h"

/* A translation to be put into a tree. */
struct shadow_page {
	u64 gpa;       /* of the 4 KiB at the address */
	u64 bits;      /* of a leaf at level 1 */
	u32 level;     /* of its leaf, unless pieces are wanted */
	bool is_large; /* for the guest */
};

/*
 * The page to which `path` leads, at `gpa` in RAM of `ram_len` bytes, with the
 * rights that the guest gives. is_write: its dirty bit has been set.
 */
struct shadow_page shadow_page_of_walk(const struct walk_state *state,
				       const struct walk_path *path, u64 gpa,
				       bool is_write, u64 ram_len);

/* The page that the leaf `entry` at `level` maps at `gva`. */
struct shadow_page shadow_page_of_leaf(u64 entry, u32 level, u64 gva);

/* The leaf for it at this level; level 1 of a large page: a piece. */
u64 shadow_page_leaf(const struct shadow_page *page, u32 level);

/*
 * CR0.WP = 0: lets a supervisor write to a page that `all`, the AND of the
 * guest's entries, makes read-only. The CPU runs with WP = 1, so the leaf is
 * writable, but for supervisors only, and not for fetches that SMEP would
 * refuse. An access by a user faults and finds the normal leaf again. SMAP does
 * not see that this is a user page, and does not stop other supervisor
 * accesses.
 */
void shadow_page_open(struct shadow_page *page, const struct walk_state *state,
		      u64 all);

#endif
