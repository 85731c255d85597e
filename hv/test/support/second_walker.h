/* SPDX-License-Identifier: MIT */
/*
 * A second page walker, to compare core/paging/walk.c with. It is written from
 * the tables of SDM 3A ("Formats of ... Entries"), shares nothing with walk.c,
 * and works slowly by lists of the bits that an entry may have. It never
 * answers WALK_AGAIN, since nothing changes the tables during its walk.
 */
#ifndef HV_TEST_SUPPORT_SECOND_WALKER_H
#define HV_TEST_SUPPORT_SECOND_WALKER_H

#include "core/paging/walk.h"

#define SECOND_WALK_WRITES 4

struct second_walk {
	enum walk_status status;
	u64 gpa;
	u32 memory_type;
	/* entries as WALK_SET_BITS has to leave them in memory */
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
