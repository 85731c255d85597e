/* SPDX-License-Identifier: MIT */
/*
 * Flush work of a target: queue, bits, merging, and the INVVPIDs that come of
 * it.
 */
#include "core/flush/target.h"

#include <string.h>

#include "core/cpu/run_word.h"
#include "core/flush/caller.h"
#include "core/state/flush_queue.h"
#include "support/call.h"
#include "support/check.h"

#define RANGE(n) ((u64)(n) << 16)

static u64 many[FLUSH_QUEUE_MAX];

/* One request of VP 0 for VP 1, which is not in guest mode. */
static void put_one(struct partition *p, enum flush_kind kind, u32 range_count)
{
	struct flush_request request = {
		.kind = kind,
		.range_count = range_count,
		.ranges = many,
	};
	struct vp *to = p->vps[1];
	u64 targets[HV_VP_SET_BANKS] = {0};

	targets[to->bank] = to->bank_bit;
	(void)call_flush(p->vps[0], &request, targets);
}

static void fill_many(void)
{
	for (u32 i = 0; i < FLUSH_QUEUE_MAX; i++) {
		many[i] = RANGE(i + 1);
	}
}

/*
 * F: full, N: non-global, a digit or letter: that many ranges of one page
 * (a = 10 … w = 32). The answer: the types of the INVVPIDs.
 */
static const struct {
	const char *requests;
	const char *types;
} merges[] = {
	{"F", "1"},     {"N", "3"},   {"1", "0"},       {"3", "000"},
	{"FF", "1"},    {"NN", "3"},  {"F1", "1"},      {"1F", "1"},
	{"FN", "1"},    {"NF", "1"},  {"FN9", "1"},     {"9NF", "1"},
	{"N1", "30"},   {"1N", "30"}, {"2N2", "30000"}, {"w", "0*32"},
	{"v1", "0*32"}, {"v2", "1"},  {"w1", "1"},      {"w1N", "1"},
	{"1w", "1"},    {"N", "3"},
};

static u32 letter_count(char c)
{
	return c <= '9' ? (u32)(c - '0') : (u32)(c - 'a' + 10);
}

static void t_merging(void)
{
	struct partition *p = fake_partition(2, 64);
	struct vp *vp = p->vps[1];

	fill_many();
	for (u32 i = 0; i < ARRAY_SIZE(merges); i++) {
		u64 done = vp->own.flushes_done;

		for (const char *c = merges[i].requests; *c != 0; c++) {
			if (*c == 'F') {
				put_one(p, FLUSH_FULL, 0);
			} else if (*c == 'N') {
				put_one(p, FLUSH_NON_GLOBAL, 0);
			} else {
				put_one(p, FLUSH_RANGES, letter_count(*c));
			}
			CHECK(call_has_work(vp));
		}
		flush_drain(vp);
		CHECK_STR(call_invvpids(), merges[i].types);
		CHECK(!call_has_work(vp));
		CHECK_EQ(vp->own.flushes_done, done + 1);
	}
	CHECK_EQ(p->vps[0]->cpu->flush_seq % 2, 0);
}

static void t_drain_without_work_is_nothing(void)
{
	struct partition *p = fake_partition(130, 1);

	/* the bits of VPs of the same CPU are not work of this VP */
	p->flush_full[0] = ~BIT(5);
	p->flush_nonglobal[0] = ~BIT(5);
	flush_drain(p->vps[5]);
	CHECK_EQ(fake.invvpid_count, 0);
	CHECK_EQ(p->flush_full[0], ~BIT(5));
	CHECK_EQ(p->flush_nonglobal[0], ~BIT(5));
	CHECK_EQ(p->vps[5]->own.flushes_done, 0);
	flush_drain(p->vps[6]);
	CHECK_STR(call_invvpids(), "1");
	CHECK_EQ(p->flush_full[0], ~(BIT(5) | BIT(6)));
}

/* ---- INVVPID types by capability ---- */

struct types_row {
	const char *caps; /* which of the types 0 1 2 3 the CPU has */
	bool split;
	bool exact;
	const char *full;
	const char *non_global;
	const char *pages; /* three of them */
};

static const struct types_row types_rows[] = {
	{"0123", false, false, "1", "3", "000"},
	{"0123", true, false, "1", "3", "1"},
	{"0123", true, true, "1", "3", "000"},
	{"0123", false, true, "1", "3", "000"},
	{"012", false, false, "1", "1", "000"},
	{"02", false, false, "2", "2", "000"},
	{"02", true, false, "2", "2", "2"},
	{"023", false, false, "2", "3", "000"},
	{"123", false, false, "1", "3", "1"},
	{"123", true, true, "1", "3", "1"},
	{"12", false, false, "1", "1", "1"},
	{"2", false, false, "2", "2", "2"},
	{"2", true, true, "2", "2", "2"},
};

static void t_types_by_capability(void)
{
	struct partition *p = fake_partition(1, 1);
	struct vp *vp = p->vps[0];
	u64 slot = 0;

	fill_many();
	for (u32 i = 0; i < ARRAY_SIZE(types_rows); i++) {
		const struct types_row *row = &types_rows[i];

		machine.invvpid_address = strchr(row->caps, '0') != NULL;
		machine.invvpid_context = strchr(row->caps, '1') != NULL
						  ? INVVPID_SINGLE
						  : INVVPID_ALL;
		machine.invvpid_all = strchr(row->caps, '2') != NULL;
		machine.invvpid_retain_globals = strchr(row->caps, '3') != NULL;
		p->ept.split_slot = row->split ? &slot : NULL;
		p->split_widens = !row->exact;
		call_execute(vp, FLUSH_FULL, NULL, 0);
		CHECK_STR(call_invvpids(), row->full);
		call_execute(vp, FLUSH_NON_GLOBAL, NULL, 0);
		CHECK_STR(call_invvpids(), row->non_global);
		call_execute(vp, FLUSH_RANGES, many, 3);
		CHECK_STR(call_invvpids(), row->pages);
	}
}

static const struct {
	u32 count;
	u64 ranges[4];
	const char *types;
} limits[] = {
	{1, {0x1000 | 30}, "0*31"},
	{1, {0x1000 | 31}, "0*32"},
	{1, {0x1000 | 32}, "1"},
	{1, {0x1000 | 4095}, "1"},
	{2, {0x1000 | 15, 0x90000 | 15}, "0*32"},
	{2, {0x1000 | 15, 0x90000 | 16}, "1"},
	{4, {0x1000 | 4095, 0x1000, 0x1000, 0x1000}, "1"},
	/* only canonical pages count */
	{1, {0x00007fffffff0000 | 4095}, "0000000000000000"},
	{1, {0x00007ffffffe0000 | 4095}, "0*32"},
	{1, {0x00007ffffffdf000 | 4095}, "1"},
	{2, {0x0000900000000000 | 4095, 0x2000}, "0"},
	{1, {0x0000900000000000 | 4095}, ""},
};

static void t_page_limit(void)
{
	struct partition *p = fake_partition(1, 1);

	for (u32 i = 0; i < ARRAY_SIZE(limits); i++) {
		call_execute(p->vps[0], FLUSH_RANGES, limits[i].ranges,
			     limits[i].count);
		CHECK_STR(call_invvpids(), limits[i].types);
	}
}

static void t_pages_in_order(void)
{
	static const u64 ranges[] = {0x5000 | 1, 0xffff800000000000,
				     0x00007ffffffff000 | 3, 0x1000 | 2};
	static const u64 pages[] = {
		0x5000, 0x6000, 0xffff800000000000, 0x00007ffffffff000, 0x1000,
		0x2000, 0x3000};
	struct partition *p = fake_partition(1, 1);

	call_execute(p->vps[0], FLUSH_RANGES, ranges, ARRAY_SIZE(ranges));
	CHECK_EQ(fake.invvpid_count, ARRAY_SIZE(pages));
	for (u32 i = 0; i < ARRAY_SIZE(pages); i++) {
		CHECK_EQ(fake.invvpids[i].gva, pages[i]);
		CHECK_EQ(fake.invvpids[i].type, INVVPID_ADDRESS);
		CHECK(fake.invvpids[i].vp == p->vps[0]);
	}
}

/* ---- the union, at random ---- */

struct wanted {
	bool full;
	bool non_global;
	u32 range_count;
	u64 ranges[64];
};

static bool did_type(enum invvpid_type type)
{
	for (u32 i = 0; i < fake.invvpid_count; i++) {
		if (fake.invvpids[i].type == type) {
			return true;
		}
	}
	return false;
}

static bool did_page(u64 gva)
{
	for (u32 i = 0; i < fake.invvpid_count; i++) {
		if (fake.invvpids[i].type == INVVPID_ADDRESS &&
		    fake.invvpids[i].gva == gva) {
			return true;
		}
	}
	return false;
}

/*
 * Checks that everything that was asked for was invalidated, and that global
 * translations survived only if they may.
 */
static void check_union(const struct wanted *wanted)
{
	bool all = did_type(INVVPID_SINGLE);

	CHECK(!wanted->full || all);
	CHECK(!wanted->non_global || all ||
	      did_type(INVVPID_SINGLE_RETAIN_GLOBALS));
	for (u32 i = 0; i < wanted->range_count && !all; i++) {
		CHECK(did_page(wanted->ranges[i]));
	}
	/* there were no more INVVPIDs than the rules allow */
	CHECK_EQ(all, wanted->full || wanted->range_count > FLUSH_QUEUE_MAX);
	CHECK(wanted->non_global || !did_type(INVVPID_SINGLE_RETAIN_GLOBALS));
}

static void one_request(struct partition *p, struct wanted *wanted)
{
	u32 dice = call_random_below(12);
	u32 count = 1 + call_random_below(8);

	if (dice == 0) {
		put_one(p, FLUSH_FULL, 0);
		wanted->full = true;
		return;
	}
	if (dice <= 2) {
		put_one(p, FLUSH_NON_GLOBAL, 0);
		wanted->non_global = true;
		return;
	}
	for (u32 i = 0; i < count; i++) {
		many[i] = (call_random() & 0x7ffffffff000);
		wanted->ranges[wanted->range_count++] = many[i];
	}
	put_one(p, FLUSH_RANGES, count);
}

static void t_put_and_drain_is_the_union(void)
{
	struct partition *p = fake_partition(2, 1);

	call_seed(3);
	for (u32 round = 0; round < 3000; round++) {
		struct wanted wanted = {.full = false};
		u32 requests = 1 + call_random_below(6);

		for (u32 i = 0; i < requests; i++) {
			one_request(p, &wanted);
		}
		flush_drain(p->vps[1]);
		check_union(&wanted);
		CHECK(!call_has_work(p->vps[1]));
		fake.invvpid_count = 0;
	}
}

static const struct test tests[] = {
	{"merging", t_merging},
	{"drain-without-work-is-nothing", t_drain_without_work_is_nothing},
	{"types-by-capability", t_types_by_capability},
	{"page-limit", t_page_limit},
	{"pages-in-order", t_pages_in_order},
	{"put-and-drain-is-the-union", t_put_and_drain_is_the_union},
};

const struct suite suite_flush_target = SUITE("flush_target", tests);
