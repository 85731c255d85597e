/* SPDX-License-Identifier: MIT */
/*
 * Address spaces of the software TLB: PCIDs, CR3 loads that keep, the spaces
 * that flush calls name, and global translations in all of them.
 */
#include "core/paging/shadow.h"

#include "support/check.h"
#include "support/shadow_vp.h"

#define HERE  0x40201000ull
#define THERE 0x40202000ull
#define KEPT  0xffff800000005000ull /* a global page */
#define FRAME 0x200000ull

static u64 roots[5]; /* 0 and 1 differ in bit 12 only, 2 and 3 likewise */

/* 4-level with PCIDs; HERE and THERE are mapped under each root, KEPT too */
static void setup(void)
{
	shadow_vp_setup(SHADOW_MODE_LONG, SHADOW_TABLES_MIN, true);
	walk_regs.cr4 |= CR4_PCIDE;
	do {
		roots[0] = shadow_vp_new_root();
	} while (roots[0] & 0x7000);
	for (u32 i = 1; i < ARRAY_SIZE(roots); i++) {
		roots[i] = shadow_vp_new_root();
	}
	for (u32 i = 0; i < ARRAY_SIZE(roots); i++) {
		walk_regs.cr3 = roots[i];
		shadow_vp_map(HERE, 1, (FRAME + i * 0x10000) | P | W);
		shadow_vp_map(THERE, 1, (FRAME + i * 0x10000 + 0x1000) | P);
		shadow_vp_map(KEPT, 1, (FRAME + 0x5000) | P | PTE_GLOBAL);
	}
}

static u64 here(u32 root)
{
	return FRAME + root * 0x10000;
}

/* Loads the root with the PCID and keeps; reads HERE, which comes from there.
 */
static void use(u32 root, u32 pcid)
{
	shadow_vp_load(roots[root] | pcid, true);
	shadow_vp_reaches(HERE, READ, here(root));
	shadow_vp_reaches(THERE, READ, here(root) + 0x1000);
	shadow_vp_reaches(KEPT, READ, FRAME + 0x5000);
}

/* After the next load of the root with the PCID, HERE is (not) translated. */
static void stays(u32 root, u32 pcid)
{
	shadow_vp_load(roots[root] | pcid, true);
	shadow_vp_has(HERE, here(root));
	shadow_vp_has(THERE, here(root) + 0x1000);
}

static void is_gone(u32 root, u32 pcid)
{
	shadow_vp_load(roots[root] | pcid, true);
	shadow_vp_lacks(HERE);
	shadow_vp_lacks(THERE);
}

static void check_global(bool stays)
{
	u64 pte = shadow_vp_entry(KEPT, 1);
	u64 was = walk_get(pte, 8);

	walk_put(pte, 0, 8);
	if (stays) {
		shadow_vp_reaches(KEPT, READ, FRAME + 0x5000);
	} else {
		shadow_vp_faults(KEPT, READ, 0);
	}
	walk_put(pte, was, 8);
}

static void t_load(void)
{
	setup();
	use(0, 1);
	use(2, 2);
	stays(0, 1);
	stays(2, 2);
	/* without keep, the PCID that is loaded, and only it */
	shadow_vp_load(roots[0] | 1, false);
	shadow_vp_lacks(HERE);
	check_global(true);
	stays(2, 2);
	check_global(true);
}

static void t_without_pcids(void)
{
	setup();
	walk_regs.cr4 &= ~CR4_PCIDE;
	shadow_vp_load(roots[0], false);
	shadow_vp_reaches(HERE, READ, here(0));
	/* CR3[11:0] are no PCID */
	shadow_vp_load(roots[0] | CR3_PCD | CR3_PWT, true);
	shadow_vp_has(HERE, here(0));
	shadow_vp_load(roots[0] | CR3_PCD, false);
	shadow_vp_lacks(HERE);
}

static void t_mode_change(void)
{
	setup();
	use(0, 0);
	walk_regs.cr4 &= ~CR4_PCIDE;
	walk_regs.efer &= ~(EFER_LMA | EFER_LME);
	shadow_vp_load(roots[0], true);
	CHECK(!shadow_vp.is_long);
	shadow_vp_lacks(HERE);
	walk_regs.efer |= EFER_LMA | EFER_LME;
	shadow_vp_load(roots[0], true);
	CHECK(shadow_vp.is_long);
	shadow_vp_lacks(HERE);
	check_global(false);
}

static void t_invlpg(void)
{
	setup();
	use(0, 1);
	use(0, 2);
	SHADOW_VP_DO(shadow_invlpg(&shadow_vp, (gva_t){HERE + 0xfff}));
	shadow_vp_lacks(HERE);
	shadow_vp_has(THERE, here(0) + 0x1000);
	stays(0, 1);
	/* a global page goes everywhere */
	SHADOW_VP_DO(shadow_invlpg(&shadow_vp, (gva_t){KEPT}));
	shadow_vp_lacks(KEPT);
	stays(0, 1);
	shadow_vp_load(roots[0] | 2, true);
	shadow_vp_lacks(KEPT);
	check_global(false);
	/* what is not canonical names no page, nor one that looks like it */
	shadow_vp_reaches(KEPT, READ, FRAME + 0x5000);
	SHADOW_VP_DO(shadow_invlpg(&shadow_vp, (gva_t){0x0000800000005000}));
	SHADOW_VP_DO(shadow_invlpg(&shadow_vp, (gva_t){0x1ff800000005000}));
	shadow_vp_has(KEPT, FRAME + 0x5000);
}

static void invpcid(u32 type, u32 pcid, u64 gva)
{
	setup();
	use(0, 1);
	use(2, 2);
	use(3, 3);
	SHADOW_VP_DO(shadow_invpcid(&shadow_vp, type, pcid, (gva_t){gva}));
}

static void t_invpcid_address(void)
{
	invpcid(0, 2, HERE);
	stays(0, 1);
	stays(3, 3);
	shadow_vp_load(roots[2] | 2, true);
	shadow_vp_lacks(HERE);
	shadow_vp_has(THERE, here(2) + 0x1000);
	/* it spares global translations, and PCIDs that there are not */
	invpcid(0, 2, KEPT);
	shadow_vp_load(roots[2] | 2, true);
	shadow_vp_has(KEPT, FRAME + 0x5000);
	invpcid(0, 9, HERE);
	stays(0, 1);
	stays(2, 2);
}

static void t_invpcid_single(void)
{
	invpcid(1, 2, 0);
	stays(0, 1);
	stays(3, 3);
	is_gone(2, 2);
	check_global(true);
	invpcid(1, 9, 0);
	stays(0, 1);
	stays(2, 2);
	stays(3, 3);
	/* the current one */
	invpcid(1, 3, 0);
	shadow_vp_lacks(HERE);
	shadow_vp_reaches(HERE, READ, here(3));
}

static void t_invpcid_all(void)
{
	for (u32 type = 2; type <= 3; type++) {
		invpcid(type, 0, 0);
		shadow_vp_lacks(HERE);
		check_global(type == 3);
		is_gone(0, 1);
		is_gone(2, 2);
	}
}

static void t_drop_all(void)
{
	setup();
	use(0, 1);
	use(2, 2);
	SHADOW_VP_DO(shadow_drop_all(&shadow_vp));
	shadow_vp_lacks(HERE);
	check_global(false);
	shadow_vp_reaches(HERE, READ, here(2));
	is_gone(0, 1);
}

/* Calls name a space by its CR3: bit 12 and the PCID do not count, bit 13 does
 */
static void t_spaces(void)
{
	static const bool non_global[] = {true, false};

	for (u32 i = 0; i < 2; i++) {
		setup();
		use(0, 1);
		use(1, 2);
		use(2, 3);
		SHADOW_VP_DO(shadow_drop_space(&shadow_vp, roots[0] | 0x18,
					       non_global[i]));
		shadow_vp_has(HERE, here(2));
		check_global(non_global[i]);
		is_gone(0, 1);
		is_gone(1, 2);
		/* and that of the current one, by its other half */
		use(3, 4);
		SHADOW_VP_DO(
			shadow_drop_space(&shadow_vp, roots[2], non_global[i]));
		shadow_vp_lacks(HERE);
		is_gone(2, 3);
		use(0, 1);
		SHADOW_VP_DO(shadow_drop_space(&shadow_vp, SHADOW_ALL_SPACES,
					       non_global[i]));
		shadow_vp_lacks(HERE);
	}
}

static void t_ranges(void)
{
	setup();
	use(0, 1);
	use(2, 2);
	SHADOW_VP_DO(shadow_drop_range(&shadow_vp, roots[0], (gva_t){HERE}, 1));
	stays(2, 2);
	shadow_vp_load(roots[0] | 1, true);
	shadow_vp_lacks(HERE);
	shadow_vp_has(THERE, here(0) + 0x1000);
	/* a global page belongs to every space, whichever is named */
	shadow_vp_has(KEPT, FRAME + 0x5000);
	SHADOW_VP_DO(shadow_drop_range(&shadow_vp, 0x7000000,
				       (gva_t){KEPT - 0x2000}, 3));
	shadow_vp_lacks(KEPT);
	check_global(false);
	/* an empty range, and a very long one */
	SHADOW_VP_DO(shadow_drop_range(&shadow_vp, SHADOW_ALL_SPACES,
				       (gva_t){THERE}, 0));
	shadow_vp_has(THERE, here(0) + 0x1000);
	SHADOW_VP_DO(shadow_drop_range(&shadow_vp, roots[2], (gva_t){0},
				       2048ull << 18));
	shadow_vp_has(THERE, here(0) + 0x1000);
	is_gone(2, 2);
	SHADOW_VP_DO(shadow_drop_range(&shadow_vp, SHADOW_ALL_SPACES,
				       (gva_t){0xffffff8000000000}, 1 << 27));
	shadow_vp_load(roots[0] | 1, true);
	shadow_vp_has(THERE, here(0) + 0x1000);
}

/* A load that keeps brings a second root into the context */
static void t_mixed(void)
{
	setup();
	use(0, 1);
	shadow_vp_load(roots[2] | 1, true);
	shadow_vp_has(HERE, here(0));
	use(4, 2);
	SHADOW_VP_DO(shadow_drop_space(&shadow_vp, roots[0], true));
	stays(4, 2);
	is_gone(2, 1);
	/* empty, it is of one root again */
	use(2, 1);
	SHADOW_VP_DO(shadow_drop_space(&shadow_vp, roots[0], true));
	stays(2, 1);
	/* also for ranges; the other half of a space is no second root */
	shadow_vp_load(roots[4] | 1, true);
	use(0, 5);
	shadow_vp_load(roots[1] | 5, true);
	SHADOW_VP_DO(
		shadow_drop_range(&shadow_vp, 0x7000000, (gva_t){HERE}, 2));
	shadow_vp_has(HERE, here(0));
	is_gone(4, 1);
}

/* Only copies of global pages: the context has nothing of its own */
static void t_not_mixed(void)
{
	setup();
	shadow_vp.walk_cache = false;
	shadow_vp_load(roots[0] | 1, true);
	shadow_vp_reaches(KEPT, READ, FRAME + 0x5000);
	use(2, 1);
	SHADOW_VP_DO(shadow_drop_space(&shadow_vp, roots[0], true));
	stays(2, 1);
}

/* The flag makes only other accesses possible: the guest's page changes */
static void t_global_is_replaced(void)
{
	u64 next = FRAME + 0x6000;

	setup();
	use(0, 1);
	use(0, 2);
	shadow_vp_map(KEPT, 1, next | P | W | PTE_GLOBAL);
	shadow_vp_has(KEPT, FRAME + 0x5000);
	shadow_vp_reaches(KEPT, WRITE, next);
	shadow_vp_load(roots[0] | 1, true);
	shadow_vp_lacks(KEPT);
	shadow_vp_reaches(KEPT, READ, next);
	/* more rights for the same page: the copies stay */
	SHADOW_VP_DO(shadow_invlpg(&shadow_vp, (gva_t){KEPT}));
	shadow_vp_map(KEPT, 1, next | P | W | PTE_GLOBAL);
	shadow_vp_reaches(KEPT, READ, next);
	shadow_vp_load(roots[0] | 2, true);
	shadow_vp_reaches(KEPT, WRITE, next);
	shadow_vp_load(roots[0] | 1, true);
	shadow_vp_has(KEPT, next);
	/* fewer: they do not */
	shadow_vp_map(KEPT, 1, next | P | D | A | US | PTE_GLOBAL);
	walk_regs.cpl = 3;
	shadow_vp_reaches(KEPT, USER | READ, next);
	walk_regs.cpl = 0;
	shadow_vp_faults(KEPT, WRITE, 3);
	/* it is global no more */
	shadow_vp_reaches(KEPT, READ, next);
	shadow_vp_map(KEPT, 1, (FRAME + 0x7000) | P | W);
	shadow_vp_reaches(KEPT, WRITE, FRAME + 0x7000);
	shadow_vp_load(roots[0] | 2, true);
	shadow_vp_lacks(KEPT);
	shadow_vp_map(KEPT, 1, 0);
	shadow_vp_faults(KEPT, READ, 0);
}

/* Without CR4.PGE the bit means nothing */
static void t_no_globals(void)
{
	setup();
	walk_regs.cr4 &= ~CR4_PGE;
	use(0, 1);
	shadow_vp_load(roots[0] | 1, false);
	check_global(false);
}

static const struct test tests[] = {
	{"load", t_load},
	{"without-pcids", t_without_pcids},
	{"mode-change", t_mode_change},
	{"invlpg", t_invlpg},
	{"invpcid-address", t_invpcid_address},
	{"invpcid-single", t_invpcid_single},
	{"invpcid-all", t_invpcid_all},
	{"drop-all", t_drop_all},
	{"spaces", t_spaces},
	{"ranges", t_ranges},
	{"mixed", t_mixed},
	{"not-mixed", t_not_mixed},
	{"global-is-replaced", t_global_is_replaced},
	{"no-globals", t_no_globals},
};

const struct suite suite_shadow_space = SUITE("shadow_space", tests);
