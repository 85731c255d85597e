/* SPDX-License-Identifier: MIT */
/*
 * Where a walk may begin. CR3 and the PDPTE registers are registers: only the
 * tables below those that they name have ways.
 */
#include "core/paging/shadow_way.h"

#include "core/paging/shadow_table.h"

/* What is remembered of the entries above; A is set in all of them. */
#define RIGHTS_ALL (PTE_WRITE | PTE_USER)

bool shadow_way_find(const struct shadow *s, const struct shadow_place *place,
		     struct walk_table *start)
{
	u32 root = shadow_table_root_level(s);

	for (u32 level = place->level; level < root; level++) {
		const struct shadow_table *info = &s->info[place->table[level]];

		if (info->way_since == s->current->ways) {
			*start = (struct walk_table){
				.base = info->way & PTE_ADDR,
				.shift = PTE_SHIFT(level),
				.all = info->way | ~RIGHTS_ALL,
				.any = info->way & PTE_NX,
			};
			return true;
		}
	}
	return false;
}

/* The level below the one that these address bits index; in 32-bit paging too
 */
static u32 level_below(u32 shift)
{
	return (shift - PTE_SHIFT(1)) / 9;
}

void shadow_way_learn(struct shadow *s, const struct shadow_place *place,
		      const struct walk_table *start,
		      const struct walk_path *path)
{
	const struct walk_step *step = path->step;
	const struct walk_step *leaf = walk_from_leaf(path);
	u64 all = start->all & RIGHTS_ALL;
	u64 any = start->any & PTE_NX;
	u64 since = s->current->ways;

	if (step == leaf || !s->walk_cache) {
		return;
	}
	for (u32 level = level_below(step->shift); step < leaf;
	     step++, level--) {
		struct shadow_table *info = &s->info[place->table[level]];

		all &= step->entry;
		any |= step->entry & PTE_NX;
		info->way = (step->entry & PTE_ADDR) | all | any;
		info->way_since = since;
	}
}

void shadow_way_forget_at(struct shadow *s, const struct shadow_place *place)
{
	u32 root = shadow_table_root_level(s);

	for (u32 level = place->level; level < root; level++) {
		s->info[place->table[level]].way_since = 0;
	}
}

static void forget(struct shadow *s, const struct shadow_context *context,
		   u64 gva)
{
	struct shadow_place place;

	shadow_table_find(s, &context->tree, gva, &place);
	shadow_way_forget_at(s, &place);
}

void shadow_way_forget(struct shadow *s, const struct shadow_context *context,
		       u64 gva)
{
	forget(s, context, gva);
	if (s->mode == SHADOW_MODE_32BIT) {
		/* one table of the guest stands behind two */
		forget(s, context, gva ^ SHADOW_LARGE);
	}
}
