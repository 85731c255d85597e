/* SPDX-License-Identifier: MIT */
/*
 * A large leaf whose page the guest has split is compared page by page, each
 * page as one entry of a call.
 */
#include "core/sanitize/scan.h"

#include "core/paging/shadow_arm.h"
#include "core/paging/shadow_list.h"
#include "core/sanitize/watch.h"

void sanitize_set_leaf(struct sanitize_view *v, u64 gva, u64 leaf)
{
	struct shadow_tree *tree = &v->s->current->tree;
	struct shadow_place place;

	(void)shadow_table_find(v->s, tree, gva, &place);
	shadow_table_set(v->s, tree, place.table[place.level],
			 (u32)PTE_INDEX(gva, place.level), leaf);
}

/* Returns the address after what was compared, at most `next`. */
static u64 scan_leaf(struct sanitize_view *v, u64 gva, u64 leaf, u32 level,
		     u64 next)
{
	bool is_armed = shadow_arm_is_armed(leaf);
	struct sanitize_difference d;
	struct sanitize_entry entry;

	sanitize_look(v, gva, leaf, &entry);
	d = sanitize_compare(v, gva, shadow_arm_original(leaf), level, &entry);
	v->z->count.compared++;
	v->z->count.lazy += d.is_lazy;
	v->z->pass_stale += d.kind != SANITIZE_NONE;
	if (d.kind == SANITIZE_NONE) {
		if (is_armed && level == 1) {
			sanitize_set_leaf(v, gva, shadow_arm_original(leaf));
		}
		return level > 1 && entry.is_small ? gva + PAGE_SIZE : next;
	}
	if (!is_armed && !sanitize_is_watched(v->z, v->s->current->pcid, gva)) {
		sanitize_set_leaf(v, gva, shadow_arm_make(leaf, d.writes_only));
		v->z->count.armed++;
	}
	return next;
}

static void end_pass(struct sanitize *z)
{
	z->cursor = 0;
	z->stale = z->pass_stale;
	z->pass_stale = 0;
	z->count.passes++;
}

void sanitize_scan(struct sanitize_view *v)
{
	struct sanitize *z = v->z;

	for (u32 i = 0; i < SANITIZE_STEPS; i++) {
		u64 leaf;
		u64 next;
		u32 level;

		if (!shadow_list_step(v->s, &v->s->current->tree, z->cursor,
				      &leaf, &level, &next)) {
			end_pass(z);
			return;
		}
		if (leaf != 0) {
			next = scan_leaf(v, z->cursor, leaf, level, next);
		}
		z->cursor = next;
	}
}
