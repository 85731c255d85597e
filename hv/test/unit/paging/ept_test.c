/* SPDX-License-Identifier: MIT */
/* EPT tables map all of the RAM and nothing else, and the overlay page. */
#include "core/paging/ept.h"

#include "support/call.h"
#include "support/check.h"
#include "support/ept_walker.h"

#define BASE  0x123400000000ull
#define PAGE  0x456789000ull
#define WB    6
#define BLOCK (2 * MIB)

static void check_ram(const struct ept *ept, u64 gpa)
{
	struct ept_walk w = ept_walk(ept, gpa);

	CHECK(w.mapped);
	CHECK_EQ(w.hpa, BASE + gpa);
	CHECK_EQ(w.rights, 7);
	CHECK_EQ(w.type, WB);
}

static void check_overlay(const struct ept *ept, u64 gpa)
{
	struct ept_walk w = ept_walk(ept, gpa);

	CHECK(w.mapped);
	CHECK_EQ(w.hpa, PAGE + gpa % PAGE_SIZE);
	CHECK_EQ(w.rights, 5);
	CHECK_EQ(w.type, WB);
	CHECK(!w.large);
}

static void build(struct ept *ept, u64 len)
{
	*ept = (struct ept){.split_slot = NULL};
	CHECK_EQ(ept_build(ept, (hpa_t){BASE}, len), ERR_OK);
}

static const u64 lengths[] = {BLOCK,       2 * BLOCK, GIB - BLOCK,     GIB,
			      GIB + BLOCK, 2 * GIB,   3 * GIB - BLOCK, 3 * GIB};

static void t_maps_all_ram_and_nothing_else(void)
{
	struct ept ept;

	call_seed(6);
	for (u32 i = 0; i < ARRAY_SIZE(lengths); i++) {
		u64 len = lengths[i];

		fake_reset();
		build(&ept, len);
		CHECK_EQ(ept.eptp & 0xfff, 0x1e);
		CHECK(!ept_is_split(&ept));
		for (u64 gpa = 0; gpa < len; gpa += BLOCK) {
			check_ram(&ept, gpa);
			check_ram(&ept, gpa + BLOCK - 1);
			check_ram(&ept, gpa + call_random_below(BLOCK));
			CHECK(ept_walk(&ept, gpa).large);
		}
		for (u64 gpa = len; gpa < 6 * GIB; gpa += BLOCK) {
			CHECK(!ept_walk(&ept, gpa).mapped);
		}
		for (unsigned bit = 32; bit < 48; bit++) {
			CHECK(!ept_walk(&ept, BIT(bit)).mapped);
			CHECK(!ept_walk(&ept, BIT(bit) + len - 1).mapped);
		}
	}
}

static void t_pool_used_up(void)
{
	struct ept ept;

	fake.fail_pool = 1;
	CHECK_EQ(ept_build(&ept, (hpa_t){BASE}, BLOCK), ERR_NO_MEMORY);
}

/* Checks all pages of the region and of its neighbours. */
static void check_one_overlay(const struct ept *ept, u64 at, u64 len)
{
	u64 region = at & ~(BLOCK - 1);

	for (u64 gpa = region; gpa < region + BLOCK; gpa += PAGE_SIZE) {
		if (gpa == at) {
			check_overlay(ept, gpa);
			check_overlay(ept, gpa + 4095);
		} else {
			check_ram(ept, gpa);
			check_ram(ept, gpa + 4095);
		}
	}
	for (u64 gpa = 0; gpa < len; gpa += BLOCK) {
		CHECK_EQ(ept_walk(ept, gpa).large, gpa != region);
		if (gpa != region) {
			check_ram(ept, gpa);
		}
	}
	CHECK(!ept_walk(ept, len).mapped);
	CHECK(ept_is_split(ept));
}

static void check_none(const struct ept *ept, u64 len)
{
	for (u64 gpa = 0; gpa < len; gpa += BLOCK) {
		check_ram(ept, gpa);
		CHECK(ept_walk(ept, gpa).large);
	}
	CHECK(!ept_is_split(ept));
}

static const u64 overlay_gpas[] = {
	0,
	0x1000,
	BLOCK - 0x1000,
	BLOCK,
	BLOCK + 0x7000,
	GIB - 0x1000,
	GIB,
	GIB + 0x5000,
	2 * GIB + BLOCK,
	3 * GIB - 0x1000,
};

static void t_overlay_on_and_off(void)
{
	struct ept ept;
	u64 eptp;

	build(&ept, 3 * GIB);
	eptp = ept.eptp;
	for (u32 i = 0; i < ARRAY_SIZE(overlay_gpas); i++) {
		ept_overlay_on(&ept, (gpa_t){overlay_gpas[i]}, (hpa_t){PAGE});
		check_one_overlay(&ept, overlay_gpas[i], 3 * GIB);
		ept_overlay_off(&ept);
		check_none(&ept, 3 * GIB);
	}
	CHECK_EQ(ept.eptp, eptp);
}

static void t_overlay_moves(void)
{
	struct ept ept;

	build(&ept, 3 * GIB);
	for (u32 i = 0; i < ARRAY_SIZE(overlay_gpas); i++) {
		ept_overlay_on(&ept, (gpa_t){overlay_gpas[i]}, (hpa_t){PAGE});
		check_one_overlay(&ept, overlay_gpas[i], 3 * GIB);
	}
	ept_overlay_off(&ept);
	check_none(&ept, 3 * GIB);
	ept_overlay_off(&ept);
	check_none(&ept, 3 * GIB);
}

/* ---- tables of software TLBs ---- */

#define TABLES 0x200000000000ull /* host-physical, a range for each VP */
#define APART  0x100000000ull

static void map_tables(struct ept *ept, u32 number, u32 count)
{
	CHECK_EQ(ept_map_tables(ept, number, (hpa_t){TABLES + number * APART},
				count),
		 ERR_OK);
}

/* The pages of VP `number`, read only, and nothing behind them */
static void check_tables(const struct ept *ept, u32 number, u32 count)
{
	u64 gpa = EPT_TABLES_BASE + number * EPT_TABLES_SIZE;

	for (u32 i = 0; i < count; i++) {
		struct ept_walk w = ept_walk(ept, gpa + i * PAGE_SIZE + 8);

		CHECK(w.mapped && !w.large);
		CHECK_EQ(w.hpa, TABLES + number * APART + i * PAGE_SIZE + 8);
		CHECK_EQ(w.rights, 1);
		CHECK_EQ(w.type, WB);
	}
	for (u64 at = count * PAGE_SIZE; at < EPT_TABLES_SIZE;
	     at += PAGE_SIZE) {
		CHECK(!ept_walk(ept, gpa + at).mapped);
	}
}

static void t_tables_are_read_only(void)
{
	static const u32 counts[] = {80, 512, 513, 4096, 1};
	struct ept ept;

	build(&ept, 3 * GIB);
	for (u32 i = 0; i < ARRAY_SIZE(counts); i++) {
		map_tables(&ept, i, counts[i]);
	}
	for (u32 i = 0; i < ARRAY_SIZE(counts); i++) {
		check_tables(&ept, i, counts[i]);
	}
	check_none(&ept, 3 * GIB);
	/* A and D of the EPT are off: bit 6 */
	CHECK_EQ(ept.eptp & BIT(6), 0);
	for (u64 gpa = 3 * GIB; gpa < EPT_TABLES_BASE; gpa += BLOCK) {
		CHECK(!ept_walk(&ept, gpa).mapped);
	}
	/* an overlay changes none of them */
	ept_overlay_on(&ept, (gpa_t){0x5000}, (hpa_t){PAGE});
	check_tables(&ept, 0, counts[0]);
}

/* As many VPs as there may be: 64 of them fill a GiB. */
static void t_tables_of_many_vps(void)
{
	struct ept ept;

	build(&ept, BLOCK);
	for (u32 i = 0; i < 256; i++) {
		map_tables(&ept, i, 80);
	}
	for (u32 i = 0; i < 256; i += 21) {
		check_tables(&ept, i, 80);
	}
	CHECK(!ept_walk(&ept, EPT_TABLES_BASE + 256 * EPT_TABLES_SIZE).mapped);
	check_none(&ept, BLOCK);
}

/* The page tables' neighbours below 4 GiB: two pages, read only. */
static void t_pdptes_are_read_only(void)
{
	struct ept ept;

	build(&ept, 3 * GIB);
	CHECK_EQ(ept_map_pdptes(&ept, (hpa_t){TABLES}), ERR_OK);
	map_tables(&ept, 0, 80);
	check_tables(&ept, 0, 80);
	for (u64 at = 0; at < BLOCK; at += PAGE_SIZE) {
		struct ept_walk w = ept_walk(&ept, EPT_PDPTES_BASE + at);

		CHECK_EQ(w.mapped, at < EPT_PDPTES_PAGES * PAGE_SIZE);
		if (w.mapped) {
			CHECK_EQ(w.hpa, TABLES + at);
			CHECK_EQ(w.rights, 1);
		}
	}
	for (u64 gpa = 3 * GIB; gpa < EPT_PDPTES_BASE; gpa += BLOCK) {
		CHECK(!ept_walk(&ept, gpa).mapped);
	}
}

/* First the directory fails, then the tables under it. */
static void t_tables_pool_used_up(void)
{
	for (u32 nth = 1; nth <= 2; nth++) {
		struct ept ept;

		fake_reset();
		build(&ept, BLOCK);
		fake.fail_pool = nth;
		CHECK_EQ(ept_map_tables(&ept, 0, (hpa_t){TABLES}, 80),
			 ERR_NO_MEMORY);
		CHECK(!ept_walk(&ept, EPT_TABLES_BASE).mapped);
		CHECK(!ept_walk(&ept, EPT_TABLES_BASE + BLOCK).mapped);
	}
}

static const struct test tests[] = {
	{"maps-all-ram-and-nothing-else", t_maps_all_ram_and_nothing_else},
	{"pool-used-up", t_pool_used_up},
	{"overlay-on-and-off", t_overlay_on_and_off},
	{"overlay-moves", t_overlay_moves},
	{"tables-are-read-only", t_tables_are_read_only},
	{"tables-of-many-vps", t_tables_of_many_vps},
	{"pdptes-are-read-only", t_pdptes_are_read_only},
	{"tables-pool-used-up", t_tables_pool_used_up},
};

const struct suite suite_ept = SUITE("ept", tests);
