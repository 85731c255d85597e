/* SPDX-License-Identifier: MIT */
/*
 * Pool and trees of a software TLB. A table that is given back keeps its
 * entries; they are zeroed when it is taken again, and only where it was used:
 * so a whole tree is given back at the cost of one table.
 */
#include "core/paging/shadow_table.h"

#define INDEX_BITS 9
#define ENTRIES    BIT(INDEX_BITS)
#define TABLE_BITS (PTE_PRESENT | PTE_WRITE | PTE_USER | PTE_ACCESSED)

const struct shadow_filter shadow_table_any = {SHADOW_LEAF, SHADOW_LEAF};
const struct shadow_filter shadow_table_globals = {SHADOW_LEAF | SHADOW_GLOBAL,
						   SHADOW_LEAF | SHADOW_GLOBAL};
const struct shadow_filter shadow_table_non_globals = {
	SHADOW_LEAF | SHADOW_GLOBAL, SHADOW_LEAF};

void shadow_table_init(struct shadow *s)
{
	for (u32 i = 0; i < s->count; i++) {
		s->info[i] = (struct shadow_table){
			.next = i + 1 < s->count ? i + 1 : SHADOW_NONE};
	}
	s->free = 0;
}

static void zero(struct shadow *s, u32 table)
{
	struct shadow_table *info = &s->info[table];
	u64 bit;

	for (u32 i = 0; i < ARRAY_SIZE(info->used); i++) {
		BITS_FOR_EACH(bit, info->used[i]) {
			*shadow_table_slot(s, table, i * 64 + (u32)bit) = 0;
		}
	}
	*info = (struct shadow_table){.next = info->next};
}

static u32 take(struct shadow *s, struct shadow_tree *tree)
{
	u32 table = s->free;

	if (table == SHADOW_NONE) {
		return table;
	}
	s->free = s->info[table].next;
	zero(s, table);
	s->info[table].next = tree->first;
	tree->first = table;
	tree->tables++;
	return table;
}

u64 shadow_table_find(const struct shadow *s, const struct shadow_tree *tree,
		      u64 gva, struct shadow_place *place)
{
	u32 level = shadow_table_root_level(s);
	u32 shift = PTE_SHIFT(level);
	u64 table = tree->root;
	const u64 *tables = s->tables;
	u64 area = s->area.v;

	place->level = level + 1;
	if (tree->root == SHADOW_NONE) {
		return 0;
	}
	for (;; level--, shift -= INDEX_BITS) {
		u64 idx = (gva >> shift) & (ENTRIES - 1);
		u64 entry = tables[table * ENTRIES + idx];

		place->table[level] = (u32)table;
		if ((entry & (PTE_PRESENT | SHADOW_LEAF)) != PTE_PRESENT) {
			place->level = level;
			return entry;
		}
		table = ((entry & PTE_ADDR) - area) >> PAGE_SHIFT;
	}
}

void shadow_table_set(struct shadow *s, struct shadow_tree *tree, u32 table,
		      u32 idx, u64 entry)
{
	struct shadow_table *info = &s->info[table];
	u64 *slot = shadow_table_slot(s, table, idx);
	u64 old = *slot;

	if (old == entry) {
		return;
	}
	if (old & PTE_PRESENT) {
		s->invvpid_due = true;
	}
	*slot = entry;
	info->used[idx / 64] |= BIT(idx % 64);
	info->pieces += FIELD_GET(SHADOW_PIECE, entry);
	info->pieces -= FIELD_GET(SHADOW_PIECE, old);
	tree->leaves += FIELD_GET(SHADOW_LEAF, entry);
	tree->leaves -= FIELD_GET(SHADOW_LEAF, old);
	tree->globals += FIELD_GET(SHADOW_GLOBAL, entry);
	tree->globals -= FIELD_GET(SHADOW_GLOBAL, old);
}

bool shadow_table_extend(struct shadow *s, struct shadow_tree *tree, u64 gva,
			 u32 level, struct shadow_place *place)
{
	while (place->level > level) {
		u32 above = place->level;
		u32 table = take(s, tree);

		if (table == SHADOW_NONE) {
			return false;
		}
		if (tree->root == SHADOW_NONE) {
			tree->root = table;
		} else {
			shadow_table_set(s, tree, place->table[above],
					 (u32)PTE_INDEX(gva, above),
					 shadow_table_gpa(s, table).v |
						 TABLE_BITS);
		}
		place->level = above - 1;
		place->table[above - 1] = table;
	}
	return true;
}

void shadow_table_clear(struct shadow *s, struct shadow_tree *tree)
{
	if (tree->root == SHADOW_NONE) {
		return;
	}
	s->invvpid_due = true;
	s->removals += tree->leaves;
	s->info[tree->root].next = s->free;
	s->free = tree->first;
	*tree = (struct shadow_tree){SHADOW_NONE, SHADOW_NONE, 0, 0, 0};
}

struct removal {
	struct shadow *s;
	struct shadow_tree *tree;
	u64 first;
	u64 last;
};

static void remove_entries(const struct removal *r, u32 table, u32 idx,
			   u32 last, struct shadow_filter filter)
{
	for (; idx <= last; idx++) {
		u64 entry = *shadow_table_slot(r->s, table, idx);

		if ((entry & filter.mask) == filter.value) {
			shadow_table_set(r->s, r->tree, table, idx, 0);
			r->s->removals++;
		}
	}
}

/*
 * In the page table of the region that begins at `at`: the pages of the range,
 * which may lie outside, and all pieces of a large page.
 */
static void remove_small(const struct removal *r, u32 table, u64 at,
			 struct shadow_filter filter)
{
	u64 end = at + SHADOW_LARGE - 1;

	if (r->first <= end && r->last >= at) {
		u32 idx = r->first < at ? 0 : (u32)PTE_INDEX(r->first, 1);
		u32 last = r->last > end ? (u32)ENTRIES - 1
					 : (u32)PTE_INDEX(r->last, 1);

		remove_entries(r, table, idx, last, filter);
	}
	if (r->s->info[table].pieces != 0) {
		filter.mask |= SHADOW_PIECE;
		filter.value |= SHADOW_PIECE;
		remove_entries(r, table, 0, (u32)ENTRIES - 1, filter);
	}
}

u32 shadow_table_next_used(const struct shadow_table *info, u32 idx)
{
	for (u32 i = idx / 64; i < ARRAY_SIZE(info->used); i++) {
		u64 bits = info->used[i];

		if (i == idx / 64) {
			bits &= ~(BIT(idx % 64) - 1);
		}
		if (bits != 0) {
			return i * 64 + (u32)bits_lowest(bits);
		}
	}
	return ENTRIES;
}

/*
 * Where the next region of 2 MiB after `at` begins that may have leaves, as the
 * deepest directory of `place` says.
 */
static u64 next_region(const struct shadow *s, const struct shadow_place *place,
		       u64 at)
{
	u32 level = place->level < 2 ? 2 : place->level;
	u64 base = at & ~(PTE_SIZE(level + 1) - 1);
	u32 idx = shadow_table_next_used(&s->info[place->table[level]],
					 (u32)PTE_INDEX(at, level) + 1);

	return base + idx * PTE_SIZE(level);
}

bool shadow_table_remove(struct shadow *s, struct shadow_tree *tree, u64 first,
			 u64 last, struct shadow_filter filter)
{
	/* 4 MiB pages of 32-bit paging are two regions */
	u64 page =
		s->mode == SHADOW_MODE_32BIT ? 2 * SHADOW_LARGE : SHADOW_LARGE;
	u64 at = first & ~(page - 1);
	u64 end = last | (page - 1);
	const u64 *count =
		filter.value & SHADOW_GLOBAL ? &tree->globals : &tree->leaves;
	u64 leaves = tree->leaves;
	const struct removal removal = {s, tree, first, last};

	/* as long as there may be one */
	while (*count != 0 && tree->root != SHADOW_NONE && at <= end) {
		struct shadow_place place;

		shadow_table_find(s, tree, at, &place);
		if (place.level == 1) {
			remove_small(&removal, place.table[1], at, filter);
		} else if (place.level == 2) {
			u32 idx = (u32)PTE_INDEX(at, 2);

			remove_entries(&removal, place.table[2], idx, idx,
				       filter);
		}
		if (end - at < SHADOW_LARGE) {
			break;
		}
		at = next_region(s, &place, at);
	}
	return tree->leaves != leaves;
}
