/* SPDX-License-Identifier: MIT */
/* 0x8001 and unknown extended calls: checks of a call that has output only. */

#include "support/call.h"
#include "support/check.h"
#include "tlfs/cpuid.h"

#define QUERY CALL_CODE(HV_EXT_CALL_QUERY_CAPABILITIES)
#define OUT   0x9000
#define FILL  0xa5a5a5a5a5a5a5a5ull

static struct partition *p;

static u16 query(u64 control, u64 input, u64 output)
{
	struct call call = {
		.control = control, .input = input, .output = output};
	u64 *words = fake_ram(p, OUT);

	words[0] = FILL;
	words[1] = FILL;
	call_make(p->vps[0], &call);
	CHECK_EQ(call.reps, 0);
	CHECK_EQ(words[1], FILL);
	CHECK_EQ(words[0], call.status == HV_STATUS_SUCCESS ? 0 : FILL);
	return call.status;
}

static void t_query(void)
{
	p = call_partition(1, 1);
	CHECK_EQ(query(QUERY, 0, OUT), HV_STATUS_SUCCESS);
	/* there is no input: RDX is ignored */
	CHECK_EQ(query(QUERY, ~0ull, OUT), HV_STATUS_SUCCESS);
	CHECK_EQ(query(QUERY, 3, OUT), HV_STATUS_SUCCESS);
	CHECK_EQ(query(QUERY, FAKE_RAM, OUT), HV_STATUS_SUCCESS);
}

static void t_framing(void)
{
	p = call_partition(1, 1);
	CHECK_EQ(query(QUERY, 0, OUT + 4), HV_STATUS_INVALID_ALIGNMENT);
	CHECK_EQ(query(QUERY, 0, FAKE_RAM), HV_STATUS_INVALID_ALIGNMENT);
	CHECK_EQ(query(QUERY, 0, ~7ull), HV_STATUS_INVALID_ALIGNMENT);
	CHECK_EQ(query(QUERY | CALL_COUNT(1), 0, OUT),
		 HV_STATUS_INVALID_HYPERCALL_INPUT);
	CHECK_EQ(query(QUERY | CALL_START(1), 0, OUT),
		 HV_STATUS_INVALID_HYPERCALL_INPUT);
	CHECK_EQ(query(QUERY | CALL_VAR(1), 0, OUT),
		 HV_STATUS_INVALID_HYPERCALL_INPUT);
	CHECK_EQ(query(QUERY | BIT(27), 0, OUT),
		 HV_STATUS_INVALID_HYPERCALL_INPUT);
}

static void t_privilege(void)
{
	p = call_partition(1, 1);
	fake_config(p)->privileges.mask &= ~HV_PRIV_EXTENDED_HYPERCALLS;
	CHECK_EQ(query(QUERY, 0, OUT), HV_STATUS_ACCESS_DENIED);
	/* before the checks of the control word */
	CHECK_EQ(query(QUERY | BIT(27), 0, OUT), HV_STATUS_ACCESS_DENIED);
}

static void t_no_other(void)
{
	static const u16 codes[] = {0x8000, 0x8002, 0x8003, 0x8100, 0xffff};

	p = call_partition(1, 1);
	for (u32 i = 0; i < ARRAY_SIZE(codes); i++) {
		CHECK_EQ(query(codes[i], 0, OUT),
			 HV_STATUS_INVALID_HYPERCALL_CODE);
	}
}

static const struct test tests[] = {
	{"query", t_query},
	{"framing", t_framing},
	{"privilege", t_privilege},
	{"no-other", t_no_other},
};

const struct suite suite_hc_query_capabilities =
	SUITE("hc_query_capabilities", tests);
