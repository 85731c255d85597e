/* SPDX-License-Identifier: MIT */
/* What counts in which histogram, and how calls end. */
#include "core/trace/stats.h"

#include "core/trace/record.h"
#include "support/call.h"
#include "support/check.h"

static const struct {
	u64 ticks;
	u32 bucket;
} costs[] = {
	{0, 0},           {1, 0},           {2, 1},
	{3, 1},           {4, 2},           {255, 7},
	{256, 8},         {0x7fffffff, 30}, {1u << 31, 31},
	{0xffffffff, 31}, {1ull << 32, 0},  {(1ull << 32) + 5, 2},
};

static void t_buckets(void)
{
	struct partition *p = fake_partition(1, 1);
	struct vp *vp = p->vps[0];
	u64 slot = stats_slot_of_exit(EXIT_REASON_HLT);

	for (u32 i = 0; i < ARRAY_SIZE(costs); i++) {
		u64 *bucket = &vp->stats->ticks[slot][costs[i].bucket];
		u64 before = *bucket;

		fake.tsc = 0xfffffff0 + i; /* the low half wraps */
		record_exit(vp->cpu, vp, RECORD_EXIT_A0(EXIT_REASON_HLT), 0);
		stats_count(vp, fake.tsc + costs[i].ticks);
		CHECK_EQ(*bucket, before + 1);
		CHECK_EQ(vp->own.exit_record->ticks, (u32)costs[i].ticks);
	}
	CHECK_EQ(stats_sum(vp, slot), ARRAY_SIZE(costs));
}

static void make(struct vp *vp, struct call call)
{
	record_vmcall(vp->cpu, vp, call.control);
	call_make(vp, &call);
	stats_count(vp, fake.tsc + 200);
}

#define SPACE HV_CALL_FLUSH_VIRTUAL_ADDRESS_SPACE
#define LIST  HV_CALL_FLUSH_VIRTUAL_ADDRESS_LIST
#define GET   HV_CALL_GET_VP_REGISTERS

static u64 ends(const struct vp *vp, u16 code, u32 status)
{
	return stats_ends(vp, stats_slot_of_call(code), stats_end_of(status));
}

static void t_calls_by_code_and_status(void)
{
	struct partition *p = call_partition(2, 1);
	struct vp *vp = p->vps[0];
	const u64 block[] = {0, HV_FLUSH_ALL_VIRTUAL_ADDRESS_SPACES, 1};

	CHECK(port_write_guest(p, (gpa_t){CALL_GPA}, block, sizeof(block)) ==
	      ERR_OK);
	for (u32 i = 0; i < 3; i++) {
		make(vp, (struct call){.control = SPACE, .input = CALL_GPA});
	}
	make(vp, (struct call){.control = SPACE, .input = CALL_GPA + 1});
	make(vp, (struct call){.control = LIST, .input = CALL_GPA});
	make(vp, (struct call){.control = GET | CALL_COUNT(1), .input = 3});
	make(vp, (struct call){.control = 0x0001});
	make(vp, (struct call){.control = 0});
	CHECK_EQ(ends(vp, SPACE, HV_STATUS_SUCCESS), 3);
	CHECK_EQ(ends(vp, SPACE, HV_STATUS_INVALID_ALIGNMENT), 1);
	CHECK_EQ(ends(vp, LIST, HV_STATUS_SUCCESS), 0);
	CHECK_EQ(ends(vp, LIST, HV_STATUS_INVALID_HYPERCALL_INPUT), 1);
	CHECK_EQ(ends(vp, GET, HV_STATUS_SUCCESS), 0);
	CHECK_EQ(ends(vp, GET, HV_STATUS_INVALID_ALIGNMENT), 1);
	CHECK_EQ(stats_sum(vp, SPACE), 4);
	/* codes that are not in the table, also below those that are */
	CHECK_EQ(stats_sum(vp, stats_slot_of_exit(EXIT_REASON_VMCALL)), 2);
	CHECK_EQ(stats_sum(vp, 0), 0);
	CHECK_EQ(stats_sum(p->vps[1], SPACE), 0);
}

/* Not granted: the call still counts as one of its code. */
static void t_a_call_that_is_denied(void)
{
	struct partition *p = call_partition(1, 1);
	struct vp *vp = p->vps[0];

	fake_config(p)->privileges.hints = 0;
	make(vp,
	     (struct call){.control = HV_CALL_FLUSH_VIRTUAL_ADDRESS_SPACE_EX,
			   .input = CALL_GPA});
	CHECK_EQ(ends(vp, HV_CALL_FLUSH_VIRTUAL_ADDRESS_SPACE_EX,
		      HV_STATUS_ACCESS_DENIED),
		 1);
}

static void t_slots_are_of_one_thing_each(void)
{
	u32 status;
	u16 code;

	for (u32 slot = 0; slot < STATS_CALLS; slot++) {
		if (stats_code_of(slot, &code)) {
			CHECK_EQ(stats_slot_of_call(code), slot);
		}
	}
	CHECK_EQ(stats_slot_of_call(LETHE_CALL_TEST_READ), STATS_CALLS - 1);
	for (u32 column = 0; column < STATS_ENDS; column++) {
		if (stats_status_of(column, &status)) {
			CHECK_EQ(stats_end_of(status), column);
		}
	}
	CHECK_EQ(stats_end_of(0x7777), STATS_ENDS - 1);
	CHECK_EQ(stats_slot_of_exit(EXIT_REASON_COUNT), STATS_OTHER);
}

static const struct test tests[] = {
	{"buckets", t_buckets},
	{"calls-by-code-and-status", t_calls_by_code_and_status},
	{"call-that-is-denied", t_a_call_that_is_denied},
	{"slots-are-of-one-thing-each", t_slots_are_of_one_thing_each},
};

const struct suite suite_trace_stats = SUITE("stats", tests);
