/* SPDX-License-Identifier: MIT */
/*
 * A second page walker, written from the tables of SDM 3A ("Formats of ...
 * Entries") and sharing nothing with core/paging/walk.c: slow, by lists of
 * the bits that an entry may have. No WALK_AGAIN: nothing changes meanwhile.
 */
#ifndef HV_TEST_SUPPORT_SECOND_WALKER_H
#define HV_TEST_SUPPORT_SECOND_WALKER_H

#include "core/paging/walk.h"

#define SECOND_WALK_WRITES 4

struct second_walk {
	enum walk_status status;
	u64 gpa;
	u32 memory_type;
	/* what WALK_SET_BITS should leave in memory */
	u32 writes;
	struct {
		u64 at;
		u64 value;
		u32 size;
	} write[SECOND_WALK_WRITES];
};

struct second_walk second_walk(struct partition *p, const struct walk_state *s,
			       u64 gva, u64 flags);

#endif
