/* SPDX-License-Identifier: MIT */
/*
 * The tables of the software TLB run out, PCIDs run out, and guests that build
 * tables which no walk should trust.
 */
#include "core/paging/shadow.h"

#include "support/check.h"
#include "support/shadow_vp.h"

#define FAR   (1ull << 39) /* addresses that share the root only */
#define FRAME 0x200000ull

static void setup(void)
{
	shadow_vp_setup(SHADOW_MODE_LONG, SHADOW_TABLES_MIN, true);
	walk_regs.cr4 |= CR4_PCIDE;
}

/* Guest tables in which each page is `flags` at FRAME, by four tables in all */
static void map_everything(u64 flags)
{
	u64 table = shadow_vp_new_root();

	for (u32 i = 0; i < 512; i++) {
		walk_put(table + 8 * i, FRAME | P | W | D | flags, 8);
	}
	for (u32 level = 2; level <= 4; level++) {
		u64 above = level == 4 ? walk_regs.cr3 & PAGE_MASK
				       : shadow_vp_new_root();

		for (u32 i = 0; i < 512; i++) {
			walk_put(above + 8 * i, table | P | W | US, 8);
		}
		table = above;
	}
}

static void t_far_pages(void)
{
	setup();
	map_everything(0);
	for (u32 i = 0; i < 200; i++) {
		shadow_vp_reaches(i * FAR, READ, FRAME);
		shadow_vp_reaches(i * FAR, WRITE, FRAME);
	}
	/* 26 addresses fit: a root and three tables each */
	CHECK_EQ(shadow_vp.evictions, 200 / 26);
	shadow_vp_has(199 * FAR, FRAME);
	CHECK_EQ(shadow_vp.fills, 200);
}

/* Each global page needs tables in two trees. */
static void t_global_pages(void)
{
	setup();
	map_everything(PTE_GLOBAL);
	for (u32 i = 0; i < 200; i++) {
		struct shadow_touch t = shadow_vp_touch(i * FAR, WRITE);

		CHECK_EQ(t.end, SHADOW_FILLED);
		CHECK_EQ(t.faults, 1);
	}
	CHECK(shadow_vp.evictions > 10);
	/* every copy has its original: a flush finds it */
	for (u32 i = 0; i < 200; i++) {
		SHADOW_VP_DO(shadow_drop_range(
			&shadow_vp, 0x7000000,
			(gva_t){i * FAR & (FAR * 512 - 1)}, 1));
		shadow_vp_lacks(i * FAR);
	}
	CHECK_EQ(shadow_vp.global.leaves, 0);
}

/* Reads addresses that were not used, until there were so many evictions. */
static void fill_until(u64 evictions, u32 i)
{
	for (; shadow_vp.evictions < evictions; i++) {
		shadow_vp_reaches(i * FAR, READ, FRAME);
	}
}

/* The tree of another context goes first, by turns; then all go together. */
static void t_order(void)
{
	u64 root;

	setup();
	shadow_vp.walk_cache = false;
	root = walk_regs.cr3;
	map_everything(0);
	for (u32 pcid = 1; pcid <= 3; pcid++) {
		shadow_vp_load(root | pcid, true);
		for (u32 i = 0; i < 5; i++) {
			shadow_vp_reaches(i * FAR, READ, FRAME);
		}
	}
	map_everything(PTE_GLOBAL);
	shadow_vp_reaches(0x1000, READ, FRAME);
	shadow_vp_reaches(10 * FAR, READ, FRAME);
	map_everything(0);
	/* 80 - 1 - 3 * 16 - 7 - 3 are left, so seven addresses fit */
	for (u32 i = 20; i < 27; i++) {
		shadow_vp_reaches(i * FAR, READ, FRAME);
	}
	CHECK_EQ(shadow_vp.evictions, 0);
	/* PCIDs 0, 1 and 2 go before the globals, and PCID 3 stays */
	fill_until(3, 27);
	CHECK_EQ(shadow_vp.global.leaves, 2);
	shadow_vp_has(4 * FAR, FRAME);
	shadow_vp_has(0x1000, FRAME);
	fill_until(4, 60);
	CHECK_EQ(shadow_vp.global.leaves, 0);
	shadow_vp_lacks(0x1000);
	shadow_vp_lacks(4 * FAR);
}

/*
 * An instruction that needs several global pages ends, although the pool is
 * full of other pages when it begins.
 */
static void t_pages_of_one_instruction(void)
{
	setup();
	shadow_vp.walk_cache = false;
	map_everything(PTE_GLOBAL);
	shadow_vp_reaches(0, READ, FRAME);
	shadow_vp_reaches(FAR, READ, FRAME);
	map_everything(0);
	for (u32 i = 2; shadow_vp.free != SHADOW_NONE; i++) {
		shadow_vp_reaches(i * FAR, READ, FRAME);
	}
	map_everything(PTE_GLOBAL);
	for (u32 turn = 0; turn < 2; turn++) {
		for (u32 i = 100; i < 104; i++) {
			shadow_vp_reaches(i * FAR, READ, FRAME);
		}
	}
	for (u32 i = 100; i < 104; i++) {
		shadow_vp_has(i * FAR, FRAME);
	}
}

static void t_many_pcids(void)
{
	u64 root;

	setup();
	root = walk_regs.cr3;
	shadow_vp_map(0, 1, FRAME | P);
	for (u32 pcid = 1; pcid < SHADOW_CONTEXTS; pcid++) {
		shadow_vp_load(root | pcid, true);
	}
	CHECK_EQ(shadow_vp.evictions, 0);
	shadow_vp_reaches(0, READ, FRAME);
	shadow_vp_load(root | SHADOW_CONTEXTS, true);
	CHECK_EQ(shadow_vp.evictions, 1);
	shadow_vp_lacks(0);
	/* one that was emptied makes room */
	SHADOW_VP_DO(
		shadow_invpcid(&shadow_vp, 1, SHADOW_CONTEXTS - 1, (gva_t){0}));
	shadow_vp_load(root | (SHADOW_CONTEXTS + 1), true);
	CHECK_EQ(shadow_vp.evictions, 1);
	/* all of them, and a page in each */
	for (u32 pcid = 0; pcid < 4096; pcid++) {
		shadow_vp_watches = pcid % 64 == 0;
		shadow_vp_load(root | pcid, true);
		shadow_vp_reaches(0, READ, FRAME);
	}
}

/* A new PCID needs a root, and every table is in use */
static void t_no_table_for_a_root(void)
{
	setup();
	map_everything(0);
	for (u32 i = 0; i < 26; i++) {
		shadow_vp_reaches(i * FAR, READ, FRAME);
	}
	shadow_vp_reaches(0x200000, READ, FRAME);
	CHECK_EQ(shadow_vp.evictions, 0);
	CHECK_EQ(shadow_vp.free, SHADOW_NONE);
	shadow_vp_load(walk_regs.cr3 | 1, true);
	CHECK_EQ(shadow_vp.evictions, 1);
	shadow_vp_reaches(0, READ, FRAME);
}

/* A copy has no room, and the globals are given up for it */
static void t_copy_without_room(void)
{
	u64 root;

	setup();
	root = walk_regs.cr3;
	map_everything(PTE_GLOBAL);
	for (u32 i = 0; i < 20; i++) {
		shadow_vp_reaches(i * FAR, READ, FRAME);
		shadow_vp_load(root | (i % 2), false);
	}
	for (u32 i = 0; i < 40; i++) {
		shadow_vp_reaches((39 - i) * FAR, READ, FRAME);
	}
	CHECK(shadow_vp.evictions > 0);
	shadow_vp_has(0, FRAME);
}

/* Tables that point to themselves: every address ends in a leaf, or faults */
static void t_tables_in_circles(void)
{
	u64 root;

	setup();
	root = walk_regs.cr3;
	for (u32 i = 0; i < 512; i++) {
		walk_put(root + 8 * i, root | P | W | US, 8);
	}
	for (u32 i = 0; i < 100; i++) {
		shadow_vp_reaches(i * (FAR + 0x40201000), WRITE, root);
	}
	walk_regs.cpl = 3;
	shadow_vp_reaches(0x123, USER | WRITE, root | 0x123);
}

/* The guest points its tables at those of the TLB */
static void t_tables_of_the_tlb(void)
{
	setup();
	for (u32 level = 1; level <= 4; level++) {
		u64 at = shadow_vp_entry(0, level);

		walk_put(at, shadow_vp.root | P | W | US, 8);
		CHECK_EQ(shadow_vp_touch(0, WRITE).end, SHADOW_OUTSIDE);
		walk_put(at, 0, 8);
	}
	shadow_vp_load(shadow_vp.root, false);
	CHECK_EQ(shadow_vp_touch(0, READ).end, SHADOW_OUTSIDE);
	CHECK_EQ(shadow_vp_touch(~0ull, READ).end, SHADOW_OUTSIDE);
}

/* Calls before the first load find nothing to forget. */
static void t_before_the_first_load(void)
{
	setup();
	shadow_init(&shadow_vp, shadow_vp.tables, shadow_vp.info,
		    shadow_vp.count, shadow_vp.area, true);
	shadow_invlpg(&shadow_vp, (gva_t){0});
	shadow_drop_all(&shadow_vp);
	shadow_drop_space(&shadow_vp, SHADOW_ALL_SPACES, false);
	shadow_drop_range(&shadow_vp, SHADOW_ALL_SPACES, (gva_t){0}, 1);
	shadow_invpcid(&shadow_vp, 0, 0, (gva_t){0});
	shadow_invpcid(&shadow_vp, 2, 0, (gva_t){0});
	CHECK(shadow_vp.current == NULL);
	CHECK_EQ(shadow_vp.removals, 0);
	shadow_vp_load(walk_regs.cr3, true);
	shadow_vp_map(0, 1, FRAME | P);
	shadow_vp_reaches(0, READ, FRAME);
}

static void t_counters(void)
{
	setup();
	map_everything(0);
	for (u32 i = 0; i < 8; i++) {
		shadow_vp_reaches(i * PAGE_SIZE, READ, FRAME);
	}
	CHECK_EQ(shadow_vp.fills, 8);
	SHADOW_VP_DO(shadow_drop_range(&shadow_vp, SHADOW_ALL_SPACES,
				       (gva_t){0x1000}, 3));
	CHECK_EQ(shadow_vp.removals, 3);
	SHADOW_VP_DO(shadow_invlpg(&shadow_vp, (gva_t){0x1000}));
	CHECK_EQ(shadow_vp.removals, 3);
	shadow_vp_load(walk_regs.cr3, false);
	CHECK_EQ(shadow_vp.removals, 8);
	CHECK_EQ(shadow_vp.reflected, 0);
	CHECK_EQ(shadow_vp.evictions, 0);
}

static const struct test tests[] = {
	{"far-pages", t_far_pages},
	{"global-pages", t_global_pages},
	{"order", t_order},
	{"pages-of-one-instruction", t_pages_of_one_instruction},
	{"many-pcids", t_many_pcids},
	{"no-table-for-a-root", t_no_table_for_a_root},
	{"copy-without-room", t_copy_without_room},
	{"tables-in-circles", t_tables_in_circles},
	{"tables-of-the-tlb", t_tables_of_the_tlb},
	{"before-the-first-load", t_before_the_first_load},
	{"counters", t_counters},
};

const struct suite suite_shadow_pool = SUITE("shadow_pool", tests);
