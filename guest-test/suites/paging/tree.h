/* SPDX-License-Identifier: MIT */
/*
 * Two trees of tables below one PML4 entry, which an old and a new frame tell
 * apart: a read shows by which of them its page was found.
 */
#ifndef GUEST_TEST_SUITES_PAGING_TREE_H
#define GUEST_TEST_SUITES_PAGING_TREE_H

#include "suites/paging/region.h"

/* The next PML4 entry after the region's; nothing else uses it. */
#define TREE (REGION + PTE_SIZE(4))

/* What all pages of a tree hold. */
#define TREE_OLD 0x01d
#define TREE_NEW 0x2e3

/* Three page tables: the first, and the nearest ones that share less with it.
 */
enum reach { SAME_TABLE, SAME_DIRECTORY, SAME_PDPT };

struct tree {
	u64 *pdpt;
	u64 *pd[2];
	u64 *pt[3]; /* by enum reach; page 0 of the first may be global */
	u64 frame;  /* of all pages */
};

extern struct tree tree_old;
extern struct tree tree_new;

/* The address of a page of one of the three tables. */
u64 tree_gva(enum reach reach, u32 page);

/* An entry that leads to this table. */
u64 tree_entry(const u64 *table);

/* 2 MiB, each page of which holds TREE_NEW. */
u64 tree_large_frame(void);

/*
 * Makes both trees as they were at first, the old one reachable, and flushes
 * everything. Page 0 of the first table gets `flags` too.
 */
void tree_restore(u64 flags);

#endif
