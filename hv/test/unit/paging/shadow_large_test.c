/* SPDX-License-Identifier: MIT */
/*
 * Large pages in the software TLB: as one leaf, in pieces where a page table
 * stands already, and the 4 MiB pages of 32-bit paging.
 */
#include "core/paging/shadow.h"

#include "support/check.h"
#include "support/shadow_vp.h"

#define HERE  0x40400000ull /* 4 MiB aligned */
#define HALF  0x200000ull
#define SMALL 0x300000ull /* frame of a 4 KiB page */

#define LONG SHADOW_MODE_LONG
#define PAE  SHADOW_MODE_PAE
#define OLD  SHADOW_MODE_32BIT

static void setup(enum shadow_mode mode)
{
	shadow_vp_setup(mode, SHADOW_TABLES_MIN, false);
}

static void invlpg(u64 gva)
{
	SHADOW_VP_DO(shadow_invlpg(&shadow_vp, (gva_t){gva}));
}

static void drop(u64 gva, u64 pages)
{
	SHADOW_VP_DO(shadow_drop_range(&shadow_vp, SHADOW_ALL_SPACES,
				       (gva_t){gva}, pages));
}

static void t_one_leaf(void)
{
	static const enum shadow_mode modes[] = {LONG, PAE};

	for (u32 i = 0; i < ARRAY_SIZE(modes); i++) {
		setup(modes[i]);
		shadow_vp_map(HERE, 2, HALF | P | W | US | PTE_PAT_LARGE);
		shadow_vp_reaches(HERE + 0x5123, READ, HALF + 0x5123);
		shadow_vp_has(HERE + HALF - 1, HALF + HALF - 1);
		CHECK_EQ(shadow_vp_pat(HERE), 4);
		shadow_vp_lacks(HERE + HALF);
		shadow_vp_lacks(HERE - 1);
		CHECK_EQ(shadow_vp.fills, 1);
		invlpg(HERE + 0x1ff000);
		shadow_vp_lacks(HERE);
	}
}

/* The guest splits the page and flushes nothing: the large one stays */
static void t_large_stays(void)
{
	setup(LONG);
	shadow_vp_map(HERE, 2, HALF | P | US);
	shadow_vp_reaches(HERE, READ, HALF);
	shadow_vp_map(HERE + 0x3000, 1, SMALL | P | W | US);
	shadow_vp_has(HERE + 0x3000, HALF + 0x3000);
	/* a write needs more: the large leaf is replaced, and goes whole */
	shadow_vp_reaches(HERE + 0x3000, WRITE, SMALL);
	shadow_vp_lacks(HERE);
	shadow_vp_faults(HERE, READ, 0);
}

/* Small pages at 1 and 2, of which 1 is made part of a large page */
static void pieces(enum shadow_mode mode)
{
	setup(mode);
	shadow_vp_map(HERE + 0x1000, 1, SMALL | P | W | US);
	shadow_vp_map(HERE + 0x2000, 1, SMALL | P | W | US);
	shadow_vp_reaches(HERE + 0x1000, READ, SMALL);
	shadow_vp_reaches(HERE + 0x2000, READ, SMALL);
	shadow_vp_map(HERE, 2,
		      (mode == OLD ? 0 : HALF) | P | W | US | PTE_PAT_LARGE);
	invlpg(HERE + 0x1000);
}

static void t_pieces(void)
{
	pieces(LONG);
	shadow_vp_reaches(HERE + 0x1000, READ, HALF + 0x1000);
	CHECK_EQ(shadow_vp_pat(HERE + 0x1000), 4);
	shadow_vp_reaches(HERE + 0x5000, READ, HALF + 0x5000);
	shadow_vp_lacks(HERE + 0x6000);
	/* the page that was not flushed */
	shadow_vp_has(HERE + 0x2000, SMALL);
	/* any address of the large page: all pieces go, and nothing else */
	invlpg(HERE + 0x9000);
	shadow_vp_lacks(HERE + 0x1000);
	shadow_vp_lacks(HERE + 0x5000);
	shadow_vp_has(HERE + 0x2000, SMALL);
	/* the flush of a piece leaves the small page */
	shadow_vp_reaches(HERE + 0x5000, READ, HALF + 0x5000);
	drop(HERE + 0x5000, 1);
	shadow_vp_lacks(HERE + 0x5000);
	shadow_vp_has(HERE + 0x2000, SMALL);
	/* and that of the small page takes the pieces with it */
	shadow_vp_reaches(HERE + 0x5000, READ, HALF + 0x5000);
	drop(HERE + 0x2000, 1);
	shadow_vp_lacks(HERE + 0x5000);
	shadow_vp_lacks(HERE + 0x2000);
}

/* A piece becomes dirty alone; another frame replaces them all. */
static void t_pieces_are_replaced(void)
{
	pieces(LONG);
	shadow_vp_reaches(HERE + 0x1000, READ, HALF + 0x1000);
	shadow_vp_reaches(HERE + 0x5000, READ, HALF + 0x5000);
	shadow_vp_reaches(HERE + 0x5000, WRITE, HALF + 0x5000);
	shadow_vp_has(HERE + 0x1000, HALF + 0x1000);
	shadow_vp_map(HERE, 2, P | W | US);
	shadow_vp_reaches(HERE + 0x1000, WRITE, 0x1000);
	shadow_vp_lacks(HERE + 0x5000);
	shadow_vp_has(HERE + 0x2000, SMALL);
}

static void t_4mib_is_two_leaves(void)
{
	static const u64 drops[] = {0x1000, HALF - 1, HALF, HALF + 0x3000};

	for (u32 i = 0; i < ARRAY_SIZE(drops); i++) {
		setup(OLD);
		shadow_vp_map(HERE, 2, P | W | US);
		shadow_vp_reaches(HERE + 0x123, READ, 0x123);
		shadow_vp_lacks(HERE + HALF);
		shadow_vp_reaches(HERE + HALF, READ, HALF);
		shadow_vp_map(HERE + 2 * HALF, 1, SMALL | P);
		shadow_vp_reaches(HERE + 2 * HALF, READ, SMALL);
		if (i % 2 == 0) {
			invlpg(HERE + drops[i]);
		} else {
			drop((HERE + drops[i]) & ~0xfffull, 1);
		}
		shadow_vp_lacks(HERE);
		shadow_vp_lacks(HERE + HALF);
		shadow_vp_has(HERE + 2 * HALF, SMALL);
	}
}

/* The range ends in one half, or before the page. */
static void t_4mib_and_ranges(void)
{
	setup(OLD);
	shadow_vp_map(HERE, 2, P | W | US);
	shadow_vp_reaches(HERE + HALF, READ, HALF);
	drop(HERE - 2 * HALF, 1024);
	shadow_vp_has(HERE + HALF, HALF);
	drop(HERE - 2 * HALF, 1025);
	shadow_vp_lacks(HERE + HALF);
	shadow_vp_reaches(HERE, READ, 0);
	drop(HERE + 2 * HALF, 1024);
	shadow_vp_has(HERE, 0);
	drop(HERE + 2 * HALF - 0x1000, 1024);
	shadow_vp_lacks(HERE);
}

static void t_4mib_in_pieces(void)
{
	pieces(OLD);
	shadow_vp_reaches(HERE + 0x1000, READ, 0x1000);
	/* the other half has no page table, so one leaf is enough */
	shadow_vp_reaches(HERE + HALF + 0x7000, READ, HALF + 0x7000);
	shadow_vp_has(HERE + HALF + 0x8000, HALF + 0x8000);
	shadow_vp_has(HERE + 0x2000, SMALL);
	invlpg(HERE + HALF + 0x9000);
	shadow_vp_lacks(HERE + 0x1000);
	shadow_vp_lacks(HERE + HALF + 0x7000);
	shadow_vp_has(HERE + 0x2000, SMALL);
	/* the fault on an address of it is as good as INVLPG */
	shadow_vp_reaches(HERE + HALF, READ, HALF);
	shadow_vp_reaches(HERE + 0x1000, READ, 0x1000);
	shadow_vp_map(HERE, 2, 0);
	shadow_vp_faults(HERE + 0x3000, READ, 0);
	shadow_vp_lacks(HERE + HALF);
	shadow_vp_lacks(HERE + 0x1000);
	shadow_vp_has(HERE + 0x2000, SMALL);
}

/* A large page that RAM does not hold whole comes in pieces. */
static void t_end_of_ram(void)
{
	setup(LONG);
	walk_p->memory_len = 3 * MIB;
	shadow_vp_map(HERE, 2, HALF | P | US);
	shadow_vp_reaches(HERE + 0xff000, READ, 3 * MIB - 0x1000);
	shadow_vp_lacks(HERE);
	CHECK_EQ(shadow_vp_touch(HERE + 0x100000, READ).end, SHADOW_OUTSIDE);
	shadow_vp_reaches(HERE, READ, HALF);
	invlpg(HERE + 0x5000);
	shadow_vp_lacks(HERE + 0xff000);
	shadow_vp_lacks(HERE);
}

/* Two PCIDs with copies of a global large page, one of them in pieces */
static void t_global_large_page(void)
{
	u64 root;

	setup(LONG);
	walk_regs.cr4 |= CR4_PCIDE;
	root = walk_regs.cr3;
	shadow_vp_map(HERE + 0x2000, 1, SMALL | P | US);
	shadow_vp_reaches(HERE + 0x2000, READ, SMALL);
	shadow_vp_load(root | 1, true);
	shadow_vp_map(HERE, 2, HALF | P | US | PTE_GLOBAL);
	shadow_vp_reaches(HERE + 0x1000, READ, HALF + 0x1000);
	shadow_vp_has(HERE + 0x2000, HALF + 0x2000);
	shadow_vp_load(root, true);
	shadow_vp_map(HERE, 2, 0);
	shadow_vp_reaches(HERE + 0x1000, READ, HALF + 0x1000);
	shadow_vp_reaches(HERE + 0x3000, READ, HALF + 0x3000);
	shadow_vp_has(HERE + 0x2000, SMALL);
	drop(HERE + 0x8000, 1);
	shadow_vp_lacks(HERE + 0x1000);
	shadow_vp_lacks(HERE + 0x3000);
	shadow_vp_has(HERE + 0x2000, SMALL);
	shadow_vp_load(root | 1, true);
	shadow_vp_lacks(HERE + 0x1000);
	shadow_vp_faults(HERE, READ, 0);
}

/* The global tree itself has a page table there. */
static void t_global_pieces(void)
{
	setup(LONG);
	shadow_vp_map(HERE + 0x2000, 1, SMALL | P | US | PTE_GLOBAL);
	shadow_vp_reaches(HERE + 0x2000, READ, SMALL);
	shadow_vp_map(HERE, 2, HALF | P | US | PTE_GLOBAL | PTE_PAT_LARGE);
	shadow_vp_load(walk_regs.cr3, false);
	shadow_vp_reaches(HERE + 0x1000, READ, HALF + 0x1000);
	CHECK_EQ(shadow_vp_pat(HERE + 0x1000), 4);
	shadow_vp_lacks(HERE + 0x2000);
	shadow_vp_reaches(HERE + 0x2000, READ, SMALL);
	shadow_vp_load(walk_regs.cr3, false);
	shadow_vp_reaches(HERE + 0x1000, READ, HALF + 0x1000);
	CHECK_EQ(shadow_vp_pat(HERE + 0x1000), 4);
	invlpg(HERE + 0x7000);
	shadow_vp_lacks(HERE + 0x1000);
	shadow_vp_reaches(HERE + 0x2000, READ, SMALL);
	/* page 9 is mapped otherwise: no piece is there, so none goes */
	shadow_vp_reaches(HERE + 0x1000, READ, HALF + 0x1000);
	shadow_vp_map(HERE + 0x9000, 1, SMALL | P | US);
	shadow_vp_reaches(HERE + 0x9000, READ, SMALL);
	shadow_vp_has(HERE + 0x1000, HALF + 0x1000);
}

static const struct test tests[] = {
	{"one-leaf", t_one_leaf},
	{"large-stays", t_large_stays},
	{"pieces", t_pieces},
	{"pieces-are-replaced", t_pieces_are_replaced},
	{"4mib-is-two-leaves", t_4mib_is_two_leaves},
	{"4mib-and-ranges", t_4mib_and_ranges},
	{"4mib-in-pieces", t_4mib_in_pieces},
	{"end-of-ram", t_end_of_ram},
	{"global-large-page", t_global_large_page},
	{"global-pieces", t_global_pieces},
};

const struct suite suite_shadow_large = SUITE("shadow_large", tests);
