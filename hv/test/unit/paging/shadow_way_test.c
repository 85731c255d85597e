/* SPDX-License-Identifier: MIT */
/*
 * Ways of the software TLB, which stand for a CPU's paging-structure caches:
 * the guest exchanges a page table, and a fault on a page that was never used
 * still reads the old one until something makes the TLB forget it.
 */
#include "core/paging/shadow.h"

#include "support/check.h"
#include "support/shadow_vp.h"

#define BASE  0x40200000ull
#define OTHER 0x7fc0000000ull /* shares only the root with BASE */
#define OLD   0x200000ull     /* frames of the pages in the old tables */
#define NEW   0x300000ull     /* and in the new ones */
#define PAGES 64              /* mapped from BASE on */

static u32 next; /* the next page that was not used */
static u64 old_table;
static u64 new_table;
static u64 slot; /* where the guest's entry for the table is */
static u32 size;

/*
 * The tables of BASE with one page used; then the guest exchanges the table of
 * that level for one with other pages. PCID 1 and root 2 are for others.
 */
static void setup(enum shadow_mode mode, u32 level, bool walk_cache)
{
	shadow_vp_setup(mode, SHADOW_TABLES_MIN, walk_cache);
	size = mode == SHADOW_MODE_32BIT ? 4 : 8;
	if (mode == SHADOW_MODE_LONG) {
		walk_regs.cr4 |= CR4_PCIDE;
	}
	shadow_vp_map(OTHER, 1, OLD | P);
	for (u32 i = 0; i < PAGES; i++) {
		shadow_vp_map(BASE + i * PAGE_SIZE, 1,
			      (NEW + i * PAGE_SIZE) | P | W);
	}
	slot = shadow_vp_entry(BASE, level + 1);
	new_table = walk_get(slot, size);
	walk_put(slot, 0, size);
	for (u32 i = 0; i < PAGES; i++) {
		shadow_vp_map(BASE + i * PAGE_SIZE, 1,
			      (OLD + i * PAGE_SIZE) | P | W);
	}
	next = 0;
	shadow_vp_reaches(BASE, READ, OLD);
	old_table = walk_get(slot, size);
	walk_put(slot, new_table, size);
}

/* A page that was not used before comes from the old or from the new table. */
static bool is_old(void)
{
	struct shadow_touch t;

	next++;
	CHECK(next < PAGES);
	t = shadow_vp_touch(BASE + next * PAGE_SIZE, READ);
	CHECK_EQ(t.end, SHADOW_FILLED);
	if (t.gpa == OLD + next * PAGE_SIZE) {
		return true;
	}
	CHECK_EQ(t.gpa, NEW + next * PAGE_SIZE);
	return false;
}

static void t_each_level(void)
{
	for (u32 level = 1; level <= 3; level++) {
		setup(SHADOW_MODE_LONG, level, true);
		CHECK(is_old());
		CHECK(is_old());
		/* any address will do */
		SHADOW_VP_DO(shadow_invlpg(&shadow_vp, (gva_t){OTHER}));
		CHECK(!is_old());
		/* what was filled before stays */
		shadow_vp_has(BASE, OLD);
		shadow_vp_has(BASE + PAGE_SIZE, OLD + PAGE_SIZE);
		/* and the new table is remembered now */
		walk_put(slot, old_table, size);
		CHECK(!is_old());
	}
}

static void t_other_modes(void)
{
	static const enum shadow_mode modes[] = {SHADOW_MODE_PAE,
						 SHADOW_MODE_32BIT};

	for (u32 i = 0; i < ARRAY_SIZE(modes); i++) {
		setup(modes[i], 1, true);
		CHECK(is_old());
		SHADOW_VP_DO(shadow_invlpg(&shadow_vp, (gva_t){(u32)OTHER}));
		CHECK(!is_old());
		shadow_vp_has(BASE, OLD);
	}
}

static void t_off(void)
{
	for (u32 level = 1; level <= 3; level++) {
		setup(SHADOW_MODE_LONG, level, false);
		CHECK(!is_old());
		shadow_vp_has(BASE, OLD);
		walk_put(slot, old_table, size);
		CHECK(is_old());
	}
}

/* The rights above the table are those of the time when it was found. */
static void t_rights(void)
{
	setup(SHADOW_MODE_LONG, 1, true);
	SHADOW_VP_DO(shadow_drop_all(&shadow_vp));
	walk_put(slot, (new_table & ~W) | NX, size);
	CHECK(!is_old());
	walk_put(slot, new_table, size);
	CHECK(!is_old());
	shadow_vp_faults(BASE + next * PAGE_SIZE, FETCH, 17);
	CHECK(!is_old());
	/* the fault was the guest's, so the entries are read anew */
	walk_put(slot, new_table & ~US, size);
	SHADOW_VP_DO(shadow_invlpg(&shadow_vp, (gva_t){OTHER}));
	CHECK(!is_old());
	walk_put(slot, new_table, size);
	walk_regs.cpl = 3;
	next++;
	shadow_vp_map(BASE + next * PAGE_SIZE, 1, NEW | P | US);
	shadow_vp_faults(BASE + next * PAGE_SIZE, USER, 5);
	shadow_vp_reaches(BASE + next * PAGE_SIZE, USER, NEW);
}

/* CR3 loads; `keep` of the same PCID, or another PCID, leaves the ways */
static void t_loads(void)
{
	u64 cr3;

	setup(SHADOW_MODE_LONG, 1, true);
	cr3 = walk_regs.cr3;
	shadow_vp_load(cr3, true);
	CHECK(is_old());
	shadow_vp_load(cr3 | 1, false);
	CHECK(!is_old());
	shadow_vp_load(cr3, true);
	CHECK(is_old());
	shadow_vp_load(shadow_vp_new_root(), true);
	CHECK(is_old());
	shadow_vp_load(cr3, false);
	CHECK(!is_old());
}

static void t_flushes(void)
{
	u64 cr3;

	setup(SHADOW_MODE_LONG, 1, true);
	cr3 = walk_regs.cr3;
	SHADOW_VP_DO(
		shadow_drop_range(&shadow_vp, 0x7000000, (gva_t){OTHER}, 1));
	CHECK(is_old());
	SHADOW_VP_DO(shadow_drop_range(&shadow_vp, cr3, (gva_t){OTHER}, 1));
	CHECK(!is_old());
	shadow_vp_has(BASE, OLD);
	setup(SHADOW_MODE_LONG, 1, true);
	SHADOW_VP_DO(shadow_drop_range(&shadow_vp, SHADOW_ALL_SPACES,
				       (gva_t){OTHER}, 1));
	CHECK(!is_old());
	setup(SHADOW_MODE_LONG, 1, true);
	SHADOW_VP_DO(shadow_drop_space(&shadow_vp, 0x7000000, true));
	CHECK(is_old());
	SHADOW_VP_DO(shadow_drop_space(&shadow_vp, cr3, true));
	CHECK(!is_old());
}

static void t_invpcid(void)
{
	/* type 0 names the ways to the address only */
	setup(SHADOW_MODE_LONG, 1, true);
	SHADOW_VP_DO(shadow_invpcid(&shadow_vp, 0, 0, (gva_t){OTHER}));
	SHADOW_VP_DO(shadow_invpcid(&shadow_vp, 0, 1, (gva_t){BASE}));
	CHECK(is_old());
	SHADOW_VP_DO(shadow_invpcid(&shadow_vp, 0, 0, (gva_t){BASE + 0x3f000}));
	CHECK(!is_old());
	for (u32 type = 1; type <= 3; type++) {
		setup(SHADOW_MODE_LONG, 1, true);
		SHADOW_VP_DO(shadow_invpcid(&shadow_vp, type, 0, (gva_t){0}));
		CHECK(!is_old());
	}
}

/* Only a fault that the guest sees makes the TLB forget the ways to it. */
static void t_faults(void)
{
	setup(SHADOW_MODE_LONG, 1, true);
	shadow_vp_faults(OTHER + PAGE_SIZE, READ, 0);
	CHECK(is_old());
	/* a fill on the way to another leaf is hidden */
	shadow_vp_reaches(BASE, WRITE, OLD);
	CHECK(is_old());
	/* the old table does not have the page, the new one does */
	shadow_vp_map(BASE + PAGES * PAGE_SIZE, 1, NEW | P);
	shadow_vp_faults(BASE + PAGES * PAGE_SIZE, READ, 0);
	shadow_vp_reaches(BASE + PAGES * PAGE_SIZE, READ, NEW);
	CHECK(!is_old());
	/* 32-bit: the table stands behind two regions */
	setup(SHADOW_MODE_32BIT, 1, true);
	shadow_vp_faults(BASE ^ 0x200000, READ, 0);
	CHECK(!is_old());
	setup(SHADOW_MODE_32BIT, 1, true);
	shadow_vp_faults(BASE ^ 0x400000, READ, 0);
	CHECK(is_old());
}

/* A table's memory does not outlive it. */
static void t_tables_that_are_used_again(void)
{
	setup(SHADOW_MODE_LONG, 1, true);
	SHADOW_VP_DO(shadow_drop_all(&shadow_vp));
	CHECK(!is_old());
	walk_put(slot, old_table, size);
	shadow_vp_load(walk_regs.cr3, false);
	CHECK(is_old());
}

static const struct test tests[] = {
	{"each-level", t_each_level},
	{"other-modes", t_other_modes},
	{"off", t_off},
	{"rights", t_rights},
	{"loads", t_loads},
	{"flushes", t_flushes},
	{"invpcid", t_invpcid},
	{"faults", t_faults},
	{"tables-that-are-used-again", t_tables_that_are_used_again},
};

const struct suite suite_shadow_way = SUITE("shadow_way", tests);
