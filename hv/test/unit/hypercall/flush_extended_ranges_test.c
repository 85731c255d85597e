/* SPDX-License-Identifier: MIT */
/*
 * The extended range format, compared with a decoder that answers for one
 * address at a time.
 */

#include <string.h>

#include "core/flush/target.h"
#include "core/flush/range.h"
#include "core/state/flush_queue.h"
#include "support/call.h"
#include "support/check.h"
#include "tlfs/cpuid.h"

#define LIST     CALL_CODE(HV_CALL_FLUSH_VIRTUAL_ADDRESS_LIST)
#define LIST_EX  CALL_CODE(HV_CALL_FLUSH_VIRTUAL_ADDRESS_LIST_EX)
#define EXTENDED HV_FLUSH_USE_EXTENDED_RANGE_FORMAT
#define LARGE    BIT(11)
#define HUGE     (BIT(11) | BIT(12))
#define HOLE     0x0000800000000000ull
#define HIGH     0xffff800000000000ull

/* The INVVPIDs of a VP that one element causes. */
static const struct {
	const char *name;
	u64 range;
	const char *types;
	u64 first;
} rows[] = {
	/* clang-format off */
	{ "4K",                 0x5000,                    "0",     0x5000 },
	{ "4K, 3 pages",        0x5002,                    "000",   0x5000 },
	{ "4K, 32 pages",       0x501f,                    "0*32",  0x5000 },
	{ "4K, 33 pages",       0x5020,                    "1",     0 },
	{ "4K, 2048 pages",     0x57ff,                    "1",     0 },
	{ "4K, bit 12",         0x7000,                    "0",     0x7000 },
	{ "4K in the hole",     HOLE,                      "",      0 },
	{ "4K into the hole",   HOLE - 0x2000 + 9,         "00",    HOLE - 0x2000 },
	{ "4K out of the hole", HIGH - 0x1000 + 2,         "00",    HIGH },
	{ "4K wraps",           0xfffffffffffff7ff,        "0",     0xfffffffffffff000 },
	{ "2M",                 0x40000000 | LARGE,        "1",     0 },
	{ "2M, 5 pages",        0x40000000 | LARGE | 4,    "1",     0 },
	{ "2M, 2048 pages",     0x40000000 | LARGE | 2047, "1",     0 },
	{ "2M, reserved bits",  0x401fe000 | LARGE,        "1",     0 },
	{ "2M at 0",            LARGE,                     "1",     0 },
	{ "2M in the hole",     HOLE | LARGE | 2047,       "",      0 },
	{ "2M, end of hole",    (HIGH - 0x200000) | LARGE, "",      0 },
	{ "2M out of the hole", (HIGH - 0x200000) | LARGE | 1, "1", 0 },
	{ "2M into the hole",   (HOLE - 0x200000) | LARGE, "1",     0 },
	{ "2M at the top",      0xffffffffffe00000 | LARGE | 2047, "1", 0 },
	{ "1G",                 0x40000000 | HUGE,         "1",     0 },
	{ "1G, 2 pages",        0x40000000 | HUGE | 1,     "1",     0 },
	{ "1G, odd address",    0x52200000 | HUGE,         "1",     0 },
	{ "1G in the hole",     HOLE | HUGE | 2047,        "",      0 },
	{ "1G, end of hole",    (HIGH - 0x40000000) | HUGE,     "",  0 },
	{ "1G out of the hole", (HIGH - 0x40000000) | HUGE | 1, "1", 0 },
	{ "1G, odd, end",       (HIGH - 0x200000) | HUGE,  "1",     0 },
	/* clang-format on */
};

static u16 call_list(struct partition *p, u64 flags, const u64 *ranges,
		     u32 count)
{
	u64 words[CALL_QWORDS] = {0, flags, 3};

	for (u32 i = 0; i < count; i++) {
		words[3 + i] = ranges[i];
	}
	call_put(p, CALL_GPA, words, 3 + count);
	return call_simple(p->vps[0], LIST | CALL_COUNT(count));
}

static void t_each_kind_of_range(void)
{
	struct partition *p = call_partition(2, 1);

	for (u32 i = 0; i < ARRAY_SIZE(rows); i++) {
		u64 flags = EXTENDED | (i % 3 == 0 ? 4 : 0);

		CHECK_EQ(call_list(p, flags, &rows[i].range, 1),
			 HV_STATUS_SUCCESS);
		for (u32 vp = 0; vp < 2; vp++) {
			u64 first = fake.invvpids[0].gva;
			bool exact = rows[i].types[0] == '0';

			check_true(strcmp(call_invvpids(), rows[i].types) == 0,
				   rows[i].name, __FILE__, __LINE__);
			CHECK_EQ(exact ? first : 0, exact ? rows[i].first : 0);
			flush_drain(p->vps[1]);
		}
		CHECK_EQ(fake.invvpid_count, 0);
	}
}

/* The same bits without the flag: 12 bits of count, a page each. */
static void t_without_the_flag(void)
{
	static const u64 range = 0x40000000 | LARGE;
	struct partition *p = call_partition(2, 1);

	fake.invvpid_count = 0;
	CHECK_EQ(call_list(p, 0, &range, 1), HV_STATUS_SUCCESS);
	CHECK_EQ(p->vps[1]->shared.queue.ranges[0], range);
	CHECK_STR(call_invvpids(), "1");
}

/*
 * One large page turns the list into a full flush, wherever in the list it is.
 */
static void t_large_among_small(void)
{
	struct partition *p = call_partition(2, 1);

	for (u32 at = 0; at < FLUSH_QUEUE_MAX; at++) {
		u64 ranges[FLUSH_QUEUE_MAX];

		for (u32 i = 0; i < FLUSH_QUEUE_MAX; i++) {
			ranges[i] = (u64)(i + 1) << 12;
		}
		ranges[at] = 0x40000000 | LARGE;
		CHECK_EQ(call_list(p, EXTENDED, ranges, FLUSH_QUEUE_MAX),
			 HV_STATUS_SUCCESS);
		CHECK_STR(call_invvpids(), "1");
		CHECK_EQ(p->flush_full[0], p->vps[1]->bank_bit);
		flush_drain(p->vps[1]);
		fake.invvpid_count = 0;
	}
	/* elements before the start index are ignored */
	u64 words[] = {0, EXTENDED, 3, 0x40000000 | LARGE, 0x6000};

	call_put(p, CALL_GPA, words, 5);
	CHECK_EQ(call_simple(p->vps[0], LIST | CALL_COUNT(2) | CALL_START(1)),
		 HV_STATUS_SUCCESS);
	CHECK_STR(call_invvpids(), "0");
}

static void t_flag_needs_list_and_grant(void)
{
	static const u64 plain[] = {0, EXTENDED, 3, 0x5000, 0};
	static const u64 set[] = {0, EXTENDED, 1, 0, 0x5000};
	static const struct {
		u64 control;
		const u64 *words;
		bool is_list;
	} calls[] = {
		{CALL_CODE(HV_CALL_FLUSH_VIRTUAL_ADDRESS_SPACE), plain, false},
		{CALL_CODE(HV_CALL_FLUSH_VIRTUAL_ADDRESS_SPACE_EX), set, false},
		{LIST | CALL_COUNT(1), plain, true},
		{LIST_EX | CALL_COUNT(1), set, true},
	};
	struct partition *p = call_partition(2, 1);

	for (u32 i = 0; i < 2 * ARRAY_SIZE(calls); i++) {
		u32 row = i / 2;
		bool granted = (i & 1) != 0;
		bool legal = granted && calls[row].is_list;

		fake_config(p)->privileges.features =
			granted ? (u32)HV_FEATURE_EXTENDED_RANGES : 0;
		call_put(p, CALL_GPA, calls[row].words, 5);
		CHECK_EQ(call_simple(p->vps[0], calls[row].control),
			 legal ? HV_STATUS_SUCCESS
			       : HV_STATUS_INVALID_PARAMETER);
		CHECK_EQ(fake.invvpid_count, legal ? 1 : 0);
		fake.invvpid_count = 0;
	}
}

/* ---- compared with a second decoder ---- */

/* spec: page size, count and base by the flag bits; no wrap beyond the top */
static bool names(u64 range, u64 gva)
{
	bool large = (range >> 11 & 1) != 0;
	u64 size = !large ? 4096 : (range >> 12 & 1) ? 1ull << 30 : 1ull << 21;
	u64 base = large ? range >> 21 << 21 : range >> 12 << 12;
	u64 count = (range & 0x7ff) + 1;

	return gva >= base && (gva - base) / size < count;
}

static bool simple_names(u64 range, u64 gva)
{
	u64 base = range >> 12 << 12;

	return gva >= base && (gva - base) >> 12 <= (range & 0xfff);
}

static bool is_canonical(u64 gva)
{
	return (u64)((s64)(gva << 16) >> 16) == gva;
}

static u64 random_range(void)
{
	static const u64 edges[] = {0, HOLE, HIGH, 0x40000000};
	u64 raw = call_random();

	if (raw & BIT(40)) {
		u64 step = raw & BIT(41) ? 2 * MIB : PAGE_SIZE;
		u64 steps = call_random_below(40);

		raw = (edges[call_random_below(4)] + (steps - 20) * step) |
		      (raw & 0xfff & ~(raw >> 42 & 0x7f8));
	}
	return raw;
}

/* Every canonical address that is named must be flushed, and no other. */
static void t_random_ranges(void)
{
	u32 exact = 0;

	call_seed(19);
	for (u32 round = 0; round < 200000; round++) {
		u64 range = random_range();
		u64 base = range & PAGE_MASK;
		u64 gva = (base + (u64)call_random_below(5000) * PAGE_SIZE -
			   500 * PAGE_SIZE) ^
			  (call_random_below(8) == 0 ? BIT(30) : 0);
		u64 simple;

		if (!is_canonical(gva)) {
			continue;
		}
		if (flush_range_from_extended(&range, 1, &simple)) {
			CHECK_EQ(simple_names(simple, gva), names(range, gva));
			exact++;
		}
	}
	CHECK(exact > 20000);
}

static const struct test tests[] = {
	{"each-kind-of-range", t_each_kind_of_range},
	{"without-the-flag", t_without_the_flag},
	{"large-among-small", t_large_among_small},
	{"flag-needs-list-and-grant", t_flag_needs_list_and_grant},
	{"random-ranges", t_random_ranges},
};

const struct suite suite_hc_flush_extended_ranges =
	SUITE("hc_flush_extended_ranges", tests);
