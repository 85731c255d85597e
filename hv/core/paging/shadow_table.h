/* SPDX-License-Identifier: MIT */
/*
 * The tables of a software TLB: the pool, and trees made from it. Levels are
 * counted from the leaf, as in x86/pte.h. A tree is of 4 levels; without
 * EFER.LMA its root has level 3 and four entries, of which the PDPTE registers
 * get copies. `gva` is a linear address as shadow_table_linear() makes it.
 */
#ifndef HV_CORE_PAGING_SHADOW_TABLE_H
#define HV_CORE_PAGING_SHADOW_TABLE_H

#include "core/state/shadow.h"
#include "x86/pte.h"

/* Bits of an entry that the CPU ignores. */
#define SHADOW_GLOBAL BIT(9)  /* of the global tree, or a copy from there */
#define SHADOW_PIECE  BIT(10) /* 4 KiB of a large page of the guest */
#define SHADOW_LEAF   BIT(11)
/* An access was let through by the sanitizer. Bit 8 is the CPU's G, which has
   no effect: CR4.PGE is 0 on the CPU. */
#define SHADOW_USED BIT(8)

#define SHADOW_LARGE PTE_SIZE(2)

/* Where an address is in a tree. */
struct shadow_place {
	u32 table[PTE_LEVELS + 1]; /* by level, down to `level` */
	u32 level; /* of the last table; without a tree that above the root */
};

/* Leaves: those with `value` in the bits of `mask`. */
struct shadow_filter {
	u64 mask;
	u64 value;
};

extern const struct shadow_filter shadow_table_any;
extern const struct shadow_filter shadow_table_globals;
extern const struct shadow_filter shadow_table_non_globals;

void shadow_table_init(struct shadow *s);

/* The leaf that translates `gva`, or 0, and where it is or would be. */
u64 shadow_table_find(const struct shadow *s, const struct shadow_tree *tree,
		      u64 gva, struct shadow_place *place);

/*
 * Adds tables to `place` down to `level`. False: the pool is empty; what was
 * added stays.
 */
bool shadow_table_extend(struct shadow *s, struct shadow_tree *tree, u64 gva,
			 u32 level, struct shadow_place *place) __must_check;

/* Writes an entry. A present entry that changes makes INVVPID due. */
void shadow_table_set(struct shadow *s, struct shadow_tree *tree, u32 table,
		      u32 idx, u64 entry);

/* Gives all tables of the tree back. */
void shadow_table_clear(struct shadow *s, struct shadow_tree *tree);

/*
 * Removes the leaves that translate an address from `first` to `last`. Large
 * pages of the guest go whole, with all of their leaves. True: there were some.
 */
bool shadow_table_remove(struct shadow *s, struct shadow_tree *tree, u64 first,
			 u64 last, struct shadow_filter filter);

/* The first entry from `idx` on that may differ from 0; 512: none. */
u32 shadow_table_next_used(const struct shadow_table *info, u32 idx);

static inline u32 shadow_table_root_level(const struct shadow *s)
{
	return s->is_long ? 4 : 3;
}

/* The address bits that translation uses: no sign, so that ranges do not wrap.
 */
static inline u64 shadow_table_linear(const struct shadow *s, gva_t gva)
{
	return gva.v & (s->is_long ? GENMASK(47, 0) : GENMASK(31, 0));
}

/* The other way round: with the sign. */
static inline u64 shadow_table_canonical(const struct shadow *s, u64 gva)
{
	return s->is_long ? (u64)((s64)(gva << 16) >> 16) : gva;
}

/* The last address of the kind that shadow_table_linear() returns. */
static inline u64 shadow_table_last(const struct shadow *s)
{
	return s->is_long ? GENMASK(47, 0) : GENMASK(31, 0);
}

static inline gpa_t shadow_table_gpa(const struct shadow *s, u32 table)
{
	return (gpa_t){s->area.v + table * PAGE_SIZE};
}

static inline u64 *shadow_table_slot(const struct shadow *s, u32 table, u32 idx)
{
	return &s->tables[table * (PAGE_SIZE / sizeof(u64)) + idx];
}

/* What is there now, where shadow_table_find() has found `place`. */
static inline u64 shadow_table_entry(const struct shadow *s,
				     const struct shadow_place *place, u64 gva)
{
	if (place->level > shadow_table_root_level(s)) {
		return 0; /* there is no tree */
	}
	return *shadow_table_slot(s, place->table[place->level],
				  (u32)PTE_INDEX(gva, place->level));
}

/*
 * False: where shadow_table_find() has found `place` there is neither a leaf
 * nor a piece of a large page, so that `gva` has nothing in this tree.
 */
static inline bool shadow_table_may_have(const struct shadow *s,
					 const struct shadow_place *place,
					 u64 gva)
{
	return s->mode == SHADOW_MODE_32BIT ||
	       shadow_table_entry(s, place, gva) != 0 ||
	       (place->level == 1 && s->info[place->table[1]].pieces != 0);
}

/* False: the tree has nothing in the region of the root's entry for `gva`. */
static inline bool shadow_table_has_region(const struct shadow *s,
					   const struct shadow_tree *tree,
					   u64 gva)
{
	u32 level = shadow_table_root_level(s);

	return tree->root != SHADOW_NONE &&
	       *shadow_table_slot(s, tree->root, (u32)PTE_INDEX(gva, level)) !=
		       0;
}

/* shadow_table_set() where nothing is present: a leaf. */
static inline void shadow_table_add(struct shadow *s, struct shadow_tree *tree,
				    u32 table, u32 idx, u64 leaf)
{
	struct shadow_table *info = &s->info[table];

	*shadow_table_slot(s, table, idx) = leaf;
	info->used[idx / 64] |= BIT(idx % 64);
	info->pieces += (leaf & SHADOW_PIECE) != 0;
	tree->leaves++;
	tree->globals += (leaf & SHADOW_GLOBAL) != 0;
}

#endif
