/* SPDX-License-Identifier: MIT */
/*
 * Which calls may take the fast path, and that fast path and slow path give the
 * same result.
 */
#include "core/hypercall/fast_path.h"

#include <string.h>

#include "core/hypercall/input.h"
#include "support/call.h"
#include "support/check.h"

/* The codes whose rows may take the fast path, as a mask. */
static u64 planned(const struct partition *p)
{
	u64 codes = 0;

	for (u32 code = 0; code < HC_FAST_PATH_CODES; code++) {
		codes |= p->fast_path_rows[code]->fn != NULL ? BIT(code) : 0;
	}
	return codes;
}

static void t_rows_by_grants(void)
{
	struct partition *p = fake_partition(2, 1);

	CHECK_EQ(planned(p), BIT(2) | BIT(3) | BIT(8) | BIT(0xb) | BIT(0x13) |
				     BIT(0x14) | BIT(0x15));
	CHECK_EQ(p->register_len, 112);
	fake_config(p)->privileges.hints = 0;
	fake_config(p)->privileges.features = 0;
	hc_fast_path_plan(p);
	CHECK_EQ(planned(p), BIT(2) | BIT(3) | BIT(8));
	CHECK_EQ(p->register_len, 16);
	fake_config(p)->budget_elements = 1;
	hc_fast_path_plan(p);
	CHECK_EQ(planned(p), 0);
}

/* Control words, with and without a fault; the block is the same for all. */
static const u64 controls[] = {
	2,
	3 | CALL_COUNT(1),
	3 | CALL_COUNT(16),
	3 | CALL_COUNT(17),
	3 | CALL_COUNT(400),
	3 | CALL_COUNT(509),
	3 | CALL_COUNT(510),
	3 | CALL_COUNT(0),
	3 | CALL_COUNT(4) | CALL_START(2),
	3 | CALL_COUNT(4) | CALL_START(4),
	2 | CALL_COUNT(1),
	2 | CALL_VAR(1),
	2 | BIT(31),
	3 | CALL_COUNT(1) | BIT(44),
	0x13,
	0x13 | CALL_VAR(1),
	0x14 | CALL_COUNT(3),
	0x14 | CALL_COUNT(3) | CALL_VAR(1),
	2 | HV_CONTROL_FAST,
	3 | CALL_COUNT(1) | HV_CONTROL_FAST,
	3 | CALL_COUNT(11) | HV_CONTROL_FAST,
	3 | CALL_COUNT(12) | HV_CONTROL_FAST,
	4,
	0x18,
	0x5d,
};

#define FLUSHED 64

/* The result of a call, by either path. */
static void make(u64 control, bool fast_path, struct call *call, u64 *flushed)
{
	/* VPs 0 to 2: ProcessorMask and two ranges; one bank of a sparse set */
	static const u64 mask[] = {0, 0, 7, 0x5000, 0x6000};
	static const u64 set[] = {0, 0, 0, 1, 7};
	struct partition *p;

	fake_reset();
	p = call_partition(3, 1);
	if (fast_path) {
		hc_fast_path_plan(p);
	} else {
		hc_fast_path_off(p);
	}
	fake_enter(p->vps[2]);
	for (u32 i = 0; i < 512; i++) {
		((u64 *)fake_ram(p, CALL_GPA))[i] = 0x100000 + i * PAGE_SIZE;
	}
	call_put(p, CALL_GPA, (control & 0x10) ? set : mask, 5);
	fake.xmm[0] = 7;
	*call = (struct call){.control = control, .input = CALL_GPA};
	call_make(p->vps[0], call);
	memset(flushed, 0, FLUSHED * sizeof(*flushed));
	for (u32 i = 0; i < fake.invvpid_count; i++) {
		flushed[i] = fake.invvpids[i].gva | fake.invvpids[i].type;
	}
}

static void t_both_ways_say_the_same(void)
{
	for (u32 i = 0; i < ARRAY_SIZE(controls); i++) {
		struct call by_fast_path;
		struct call by_slow_path;
		static u64 flushed[2][FLUSHED];
		u32 kicks;

		make(controls[i], true, &by_fast_path, flushed[0]);
		kicks = fake.kick_count;
		make(controls[i], false, &by_slow_path, flushed[1]);
		CHECK_EQ(fake.kick_count, kicks);
		CHECK_EQ(by_fast_path.status, by_slow_path.status);
		CHECK_EQ(by_fast_path.reps, by_slow_path.reps);
		CHECK(memcmp(flushed[0], flushed[1], sizeof(flushed[0])) == 0);
	}
}

/* Access rights of CS: type, S, DPL, P, L, D, G */
static void t_kernel_code_segment(void)
{
	CHECK(hc_is_kernel_cs(0xa09b));  /* 64-bit, DPL 0 */
	CHECK(!hc_is_kernel_cs(0xa0fb)); /* DPL 3 */
	CHECK(!hc_is_kernel_cs(0xa0bb)); /* DPL 1 */
	CHECK(!hc_is_kernel_cs(0xa09f)); /* conforming: any CPL */
	CHECK(!hc_is_kernel_cs(0xc09b)); /* 32-bit */
	CHECK(!hc_is_kernel_cs(0x009b)); /* 16-bit */
	CHECK(!hc_is_kernel_cs(0x0093)); /* real mode */
}

static const struct test tests[] = {
	{"kernel-code-segment", t_kernel_code_segment},
	{"rows-by-grants", t_rows_by_grants},
	{"both-ways-say-the-same", t_both_ways_say_the_same},
};

const struct suite suite_hc_fast_path = SUITE("hc_fast_path", tests);
