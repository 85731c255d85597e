/* SPDX-License-Identifier: MIT */
/*
 * LETHE_CALL_TEST_READ: who may call it, where its output may lie, and what it
 * copies.
 */

#include <string.h>

#include "support/call.h"
#include "support/check.h"
#include "support/soft_tlb.h"

#define OUT_GPA  0x9000
#define OUT_SIZE sizeof(struct lethe_test_output)
#define FILL     0xcc

static u16 read_counts(struct vp *vp, u64 index, u64 reserved, u64 out_gpa)
{
	u64 words[] = {index, reserved};
	struct call call = {.control = LETHE_CALL_TEST_READ,
			    .input = CALL_GPA,
			    .output = out_gpa};

	call_put(vp->partition, CALL_GPA, words, 2);
	memset(fake_ram(vp->partition, OUT_GPA), FILL, 2 * PAGE_SIZE);
	call_make(vp, &call);
	CHECK_EQ(call.reps, 0);
	return call.status;
}

static void check_output_untouched(struct partition *p)
{
	const u8 *out = fake_ram(p, OUT_GPA);

	for (u32 i = 0; i < 2 * PAGE_SIZE; i++) {
		CHECK_EQ(out[i], FILL);
	}
}

static void t_only_with_test_calls(void)
{
	struct partition *p = call_partition(1, 1);

	fake_config(p)->test_calls = false;
	CHECK_EQ(read_counts(p->vps[0], 0, 0, OUT_GPA),
		 HV_STATUS_INVALID_HYPERCALL_CODE);
	check_output_untouched(p);
	fake_config(p)->test_calls = true;
	CHECK_EQ(read_counts(p->vps[0], 0, 0, OUT_GPA), HV_STATUS_SUCCESS);
}

static void t_refusals_write_nothing(void)
{
	static const struct {
		u64 index;
		u64 reserved;
		u64 out;
		u16 status;
	} rows[] = {
		{0, 1, OUT_GPA, HV_STATUS_INVALID_PARAMETER},
		{0, BIT(63), OUT_GPA, HV_STATUS_INVALID_PARAMETER},
		{9, 1, OUT_GPA, HV_STATUS_INVALID_PARAMETER},
		{1, 0, OUT_GPA, HV_STATUS_INVALID_VP_INDEX},
		{4095, 0, OUT_GPA, HV_STATUS_INVALID_VP_INDEX},
		{4096, 0, OUT_GPA, HV_STATUS_INVALID_VP_INDEX},
		{BIT(32), 0, OUT_GPA, HV_STATUS_INVALID_VP_INDEX},
		{~0ull, 0, OUT_GPA, HV_STATUS_INVALID_VP_INDEX},
		{0, 0, OUT_GPA + 4, HV_STATUS_INVALID_ALIGNMENT},
		{0, 0, OUT_GPA + PAGE_SIZE - OUT_SIZE + 8,
		 HV_STATUS_INVALID_ALIGNMENT},
		{0, 0, FAKE_RAM, HV_STATUS_INVALID_ALIGNMENT},
		{0, 0, BIT(63), HV_STATUS_INVALID_ALIGNMENT},
	};
	struct partition *p = call_partition(2, 3);

	for (u32 i = 0; i < ARRAY_SIZE(rows); i++) {
		CHECK_EQ(read_counts(p->vps[0], rows[i].index, rows[i].reserved,
				     rows[i].out),
			 rows[i].status);
		check_output_untouched(p);
	}
	CHECK_EQ(fake.write_guest_count, 0);
	fake.fail_write_guest = 1;
	CHECK_EQ(read_counts(p->vps[0], 0, 0, OUT_GPA),
		 HV_STATUS_INVALID_HYPERCALL_INPUT);
	check_output_untouched(p);
}

static void fill_vp(struct vp *vp, u64 base)
{
	vp->cpu->kicks_sent = base + 1;
	vp->own.exit_count = base + 2;
	vp->own.invvpid_count = base + 3;
	vp->own.flushes_done = base + 4;
	for (u32 i = 0; i < 4; i++) {
		vp->own.invvpid_type[i] = base + 5 + i;
	}
	for (u32 i = 0; i < LETHE_TEST_RECORDS; i++) {
		vp->own.invvpid_records[i] = (base + i) << PAGE_SHIFT | (i & 3);
	}
}

static void check_filled(const struct vp *vp, u64 base, u64 gpa)
{
	const struct lethe_test_output *out = fake_ram(vp->partition, gpa);

	CHECK_EQ(out->kicks_sent, base + 1);
	CHECK_EQ(out->exits, base + 2);
	CHECK_EQ(out->invvpid_count, base + 3);
	CHECK_EQ(out->flushes_done, base + 4);
	CHECK_EQ(out->tsc, fake.tsc);
	for (u32 i = 0; i < 4; i++) {
		CHECK_EQ(out->invvpid_type[i], base + 5 + i);
	}
	for (u32 i = 0; i < LETHE_TEST_RECORDS; i++) {
		CHECK_EQ(out->records[i].type, i & 3);
		CHECK_EQ(out->records[i].vp_index, vp->index);
		CHECK_EQ(out->records[i].gva, (base + i) << PAGE_SHIFT);
	}
	CHECK_EQ(((const u8 *)out)[OUT_SIZE], FILL);
}

static void t_copies_the_named_vp(void)
{
	struct partition *p = call_partition(2, 1000);
	u64 last = OUT_GPA + PAGE_SIZE - OUT_SIZE;

	fake.tsc = 123456;
	fill_vp(p->vps[0], 100);
	fill_vp(p->vps[1], 200);
	CHECK_EQ(read_counts(p->vps[0], 1000, 0, OUT_GPA), 0);
	check_filled(p->vps[1], 200, OUT_GPA);
	CHECK_EQ(read_counts(p->vps[0], 0, 0, last), 0);
	check_filled(p->vps[0], 100, last);
	CHECK_EQ(read_counts(p->vps[1], HV_VP_INDEX_SELF, 0, OUT_GPA), 0);
	check_filled(p->vps[1], 200, OUT_GPA);
}

/* The caller has a software TLB, and so have all VPs of its partition. */
static void t_software_tlb(void)
{
	const struct lethe_test_output *out;
	struct partition *p = call_partition(2, 1);

	out = fake_ram(p, OUT_GPA);
	CHECK_EQ(read_counts(p->vps[0], 1, 0, OUT_GPA), 0);
	CHECK_EQ(out->is_shadow, 0);
	CHECK_EQ(out->shadow_fills | out->shadow_reflected |
			 out->shadow_evictions | out->shadow_removals,
		 0);
	soft_tlb_add(p);
	p->vps[1]->shadow->fills = 11;
	p->vps[1]->shadow->reflected = 12;
	p->vps[1]->shadow->evictions = 13;
	p->vps[1]->shadow->removals = 14;
	CHECK_EQ(read_counts(p->vps[0], 1, 0, OUT_GPA), 0);
	CHECK_EQ(out->is_shadow, 1);
	CHECK_EQ(out->shadow_fills, 11);
	CHECK_EQ(out->shadow_reflected, 12);
	CHECK_EQ(out->shadow_evictions, 13);
	CHECK_EQ(out->shadow_removals, 14);
	CHECK_EQ(read_counts(p->vps[1], 0, 0, OUT_GPA), 0);
	CHECK_EQ(out->is_shadow, 1);
	CHECK_EQ(out->shadow_fills, 0);
}

static const struct test tests[] = {
	{"only-with-test-calls", t_only_with_test_calls},
	{"refusals-write-nothing", t_refusals_write_nothing},
	{"copies-the-named-vp", t_copies_the_named_vp},
	{"software-tlb", t_software_tlb},
};

const struct suite suite_hc_counters = SUITE("hc_counters", tests);
