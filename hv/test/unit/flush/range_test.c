/* SPDX-License-Identifier: MIT */
/* Ranges of list calls: which pages are canonical. */
#include "core/flush/range.h"

#include "core/flush/target.h"
#include "support/call.h"
#include "support/check.h"

static const struct {
	u64 raw;
	u64 base;
	u64 pages;
} cuts[] = {
	/* clang-format off */
	{ 0x0000000000000000, 0x0000000000000000, 1 },
	{ 0x0000000000001fff, 0x0000000000001000, 4096 },
	{ 0x00007ffffffff000, 0x00007ffffffff000, 1 },
	{ 0x00007ffffffff001, 0x00007ffffffff000, 1 },
	{ 0x00007fffffffefff, 0x00007fffffffe000, 2 },
	{ 0x0000800000000000, 0xffff800000000000, 0 },
	{ 0x0000800000000fff, 0xffff800000000000, 0 },
	{ 0x8000000000000fff, 0xffff800000000000, 0 },
	{ 0xffff7ffffffff000, 0xffff800000000000, 0 },
	{ 0xffff7ffffffff001, 0xffff800000000000, 1 },
	{ 0xffff7fffff001fff, 0xffff800000000000, 1 },
	{ 0xffff7fffff000fff, 0xffff800000000000, 0 },
	{ 0xffff800000000000, 0xffff800000000000, 1 },
	{ 0xffff800000000fff, 0xffff800000000000, 4096 },
	{ 0xfffffffffffff000, 0xfffffffffffff000, 1 },
	{ 0xffffffffffffffff, 0xfffffffffffff000, 1 },
	{ 0xffffffffffffefff, 0xffffffffffffe000, 2 },
	/* clang-format on */
};

static void t_cut_edges(void)
{
	for (u32 i = 0; i < ARRAY_SIZE(cuts); i++) {
		struct flush_range range = flush_range_cut(cuts[i].raw);

		CHECK_EQ(range.pages, cuts[i].pages);
		if (range.pages != 0) {
			CHECK_EQ(range.base, cuts[i].base);
		}
	}
}

static bool is_canonical(u64 gva)
{
	return (u64)((s64)(gva << 16) >> 16) == gva;
}

/*
 * Goes through the range page by page: the canonical pages, up to the top of
 * the address space.
 */
static void check_against_pages(u64 raw)
{
	struct flush_range range = flush_range_cut(raw);
	u64 gva = raw & PAGE_MASK;
	u64 found = 0;

	for (u64 left = (raw & 0xfff) + 1; left != 0; left--) {
		if (is_canonical(gva)) {
			CHECK_EQ(range.base + found * PAGE_SIZE, gva);
			found++;
		}
		gva += PAGE_SIZE;
		if (gva == 0) {
			break; /* wrapped */
		}
	}
	CHECK_EQ(range.pages, found);
}

/* Half of the ranges lie around an edge of the canonical addresses. */
static u64 random_range(void)
{
	static const u64 edges[] = {0, 0x0000800000000000, 0xffff800000000000};
	u64 raw = call_random();

	if (raw & BIT(20)) {
		u64 edge = edges[call_random_below(ARRAY_SIZE(edges))];
		u64 offset = call_random_below(8200);

		raw = edge + (offset - 4100) * PAGE_SIZE + (raw & 0xfff);
	}
	return raw;
}

static void t_cut_equals_page_by_page(void)
{
	call_seed(1);
	for (u32 i = 0; i < 3000; i++) {
		check_against_pages(random_range());
	}
	for (u32 i = 0; i < ARRAY_SIZE(cuts); i++) {
		check_against_pages(cuts[i].raw);
	}
}

/* A list is one of pages if no range of it is anything else. */
static void t_lists_of_pages(void)
{
	u32 lists_of_pages = 0;

	call_seed(3);
	for (u32 round = 0; round < 20000; round++) {
		u32 count = 1 + call_random_below(4);
		u64 ranges[4];
		bool pages = true;

		for (u32 i = 0; i < count; i++) {
			struct flush_range range;

			ranges[i] = random_range();
			if (call_random_below(8) != 0) {
				ranges[i] &= PAGE_MASK;
			}
			range = flush_range_cut(ranges[i]);
			pages = pages && range.pages == 1 &&
				range.base == ranges[i];
		}
		CHECK_EQ(flush_range_are_pages(ranges, count), pages);
		lists_of_pages += pages;
	}
	CHECK(lists_of_pages > 1000 && lists_of_pages < 19000);
	for (u32 i = 0; i < ARRAY_SIZE(cuts); i++) {
		CHECK_EQ(flush_range_are_pages(&cuts[i].raw, 1),
			 cuts[i].pages == 1 && cuts[i].base == cuts[i].raw);
	}
}

static void check_all_canonical(void)
{
	for (u32 i = 0; i < fake.invvpid_count; i++) {
		CHECK(is_canonical(fake.invvpids[i].gva));
		CHECK_EQ(fake.invvpids[i].gva & ~PAGE_MASK, 0);
	}
}

static void t_invvpid_never_non_canonical(void)
{
	struct partition *p = fake_partition(1, 1);
	u64 ranges[FLUSH_QUEUE_MAX];

	call_seed(2);
	for (u32 round = 0; round < 2000; round++) {
		u32 count = 1 + call_random_below(FLUSH_QUEUE_MAX);

		for (u32 i = 0; i < count; i++) {
			/*
			 * few pages, so that they do not become one
			 * single-context INVVPID
			 */
			ranges[i] = random_range() & ~0xffcull;
		}
		call_execute(p->vps[0], FLUSH_RANGES, ranges, count);
		check_all_canonical();
		fake.invvpid_count = 0;
	}
}

/* ---- the extended format ---- */

#define LARGE BIT(11)
#define HUGE  (BIT(11) | BIT(12))
#define HOLE  0x0000800000000000ull
#define HIGH  0xffff800000000000ull
#define P2M   512u
#define P1G   (512u * 512u)

static const struct {
	u64 raw;
	u64 base;
	u64 pages;
} extended[] = {
	/* clang-format off */
	{0x5002,                      0x5000, 3},
	{0x57ff,                      0x5000, 2048},
	{LARGE,                       0, P2M},
	{0x40000000 | LARGE,          0x40000000, P2M},
	{0x40000000 | LARGE | 4,      0x40000000, 5 * P2M},
	{0x401fe000 | LARGE,          0x40000000, P2M}, /* reserved bits */
	{0x52200000 | HUGE,           0x40000000, P1G},
	{0x40000000 | HUGE | 2047,    0x40000000, 2048ull * P1G},
	{(HOLE - 0x200000) | LARGE | 3, HOLE - 0x200000, P2M},
	{HOLE | LARGE | 2047,         0, 0},
	{(HIGH - 0x200000) | LARGE,   0, 0},
	{(HIGH - 0x200000) | LARGE | 2, HIGH, 2 * P2M},
	{(HIGH - 0x40000000) | HUGE | 1, HIGH, P1G},
	{0xffffffffffe00000 | LARGE | 7, 0xffffffffffe00000, P2M},
	{0xffffffffc0000000 | HUGE | 7,  0xffffffffc0000000, P1G},
	/* clang-format on */
};

static void t_extended(void)
{
	for (u32 i = 0; i < ARRAY_SIZE(extended); i++) {
		struct flush_range range =
			flush_range_cut_extended(extended[i].raw);

		check_eq(range.pages, extended[i].pages, "pages of row",
			 __FILE__, i);
		if (range.pages != 0) {
			check_eq(range.base, extended[i].base, "base of row",
				 __FILE__, i);
		}
	}
}

static const struct test tests[] = {
	{"cut-edges", t_cut_edges},
	{"cut-equals-page-by-page", t_cut_equals_page_by_page},
	{"lists-of-pages", t_lists_of_pages},
	{"invvpid-never-non-canonical", t_invvpid_never_non_canonical},
	{"extended", t_extended},
};

const struct suite suite_flush_range = SUITE("flush_range", tests);
