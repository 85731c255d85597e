/* SPDX-License-Identifier: MIT */
/* A step looks an address up, and finds the next entry in the same table. */
#include "core/paging/shadow_list.h"

bool shadow_list_step(const struct shadow *s, const struct shadow_tree *tree,
		      u64 at, u64 *leaf, u32 *level, u64 *next)
{
	struct shadow_place place;
	u64 entry;
	u64 base;
	u32 idx;

	if (tree->root == SHADOW_NONE || tree->leaves == 0 ||
	    at > shadow_table_last(s)) {
		return false;
	}
	entry = shadow_table_find(s, tree, at, &place);
	*leaf = entry & SHADOW_LEAF ? entry : 0;
	*level = place.level;
	base = at & ~(PTE_SIZE(place.level + 1) - 1);
	idx = shadow_table_next_used(&s->info[place.table[place.level]],
				     (u32)PTE_INDEX(at, place.level) + 1);
	*next = base + idx * PTE_SIZE(place.level);
	return true;
}
