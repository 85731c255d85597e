/* SPDX-License-Identifier: MIT */
/*
 * Fast and XMM-fast calls: the block in registers is the block in memory, and
 * output goes to the registers after it.
 */
#include "core/hypercall/input.h"

#include <string.h>

#include "support/call.h"
#include "support/check.h"
#include "tlfs/cpuid.h"
#include "tlfs/register.h"

#define FAST       HV_CONTROL_FAST
#define SPACE      CALL_CODE(HV_CALL_FLUSH_VIRTUAL_ADDRESS_SPACE)
#define LIST       CALL_CODE(HV_CALL_FLUSH_VIRTUAL_ADDRESS_LIST)
#define SPACE_EX   CALL_CODE(HV_CALL_FLUSH_VIRTUAL_ADDRESS_SPACE_EX)
#define LIST_EX    CALL_CODE(HV_CALL_FLUSH_VIRTUAL_ADDRESS_LIST_EX)
#define GET        CALL_CODE(HV_CALL_GET_VP_REGISTERS)
#define SET        CALL_CODE(HV_CALL_SET_VP_REGISTERS)
#define SPIN       CALL_CODE(HV_CALL_NOTIFY_LONG_SPIN_WAIT)
#define TEST       CALL_CODE(LETHE_CALL_TEST_READ)
#define QWORDS     14
#define EFFECT_LEN 128
#define ALL        HV_FLUSH_ALL_PROCESSORS

/* The block in RDX, R8 (or their 32-bit pairs) and XMM0-XMM5. */
static void make_fast(struct vp *vp, struct call *call, const u64 *words)
{
	call->control |= FAST;
	call->input = words[0];
	call->output = words[1];
	memcpy(fake.xmm, &words[2], sizeof(fake.xmm));
	call_make(vp, call);
}

/* The INVVPIDs of each VP as type and page, the caller's first. */
static void take_effect(struct partition *p, char text[EFFECT_LEN])
{
	u32 at = 0;

	for (u32 i = 0; i < p->vp_count; i++) {
		if (i != 0) {
			flush_drain(p->vps[i]);
		}
		CHECK(at + 2 * fake.invvpid_count + 2 <= EFFECT_LEN);
		for (u32 k = 0; k < fake.invvpid_count; k++) {
			u64 page = fake.invvpids[k].gva >> PAGE_SHIFT;

			text[at++] = (char)('0' + fake.invvpids[k].type);
			text[at++] = (char)('a' + page);
		}
		text[at++] = '|';
		fake.invvpid_count = 0;
	}
	text[at] = 0;
}

static const struct {
	u64 control;
	u64 words[QWORDS];
} calls[] = {
	/* clang-format off */
	{SPACE,                   {0, 0, 7}},
	{SPACE,                   {0, 4, 5}},
	{SPACE,                   {0, ALL, 0}},
	{SPACE,                   {0, 0, 0}},
	{SPACE,                   {0, BIT(9), 1}},
	{LIST | CALL_COUNT(1),    {0, 0, 7, 0x1000}},
	{LIST | CALL_COUNT(3),    {0, 0xf, 0, 0x1000, 0x2000, 0x3000}},
	{LIST | CALL_COUNT(11),   {0, 0, 6, 0x1000, 0x2000, 0x3000, 0x4000,
				   0x5000, 0x6000, 0x7000, 0x8000, 0x9000,
				   0xa000, 0xb000}},
	{LIST | CALL_COUNT(11) | CALL_START(9),
				  {0, 0, 6, 0x1000, 0x2000, 0x3000, 0x4000,
				   0x5000, 0x6000, 0x7000, 0x8000, 0x9000,
				   0xa000, 0xb000}},
	{SPACE_EX,                {0, 0, 1, 0}},
	{SPACE_EX,                {0, 0, 0, 0}},
	{SPACE_EX,                {0, 0, 2, 0}},
	{SPACE_EX | CALL_VAR(1),  {0, 0, 0, 1, 6}},
	{SPACE_EX | CALL_VAR(2),  {0, 0, 0, 1, 6}},
	{SPACE_EX | CALL_VAR(10), {0, 0, 0, 0x3ff, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7}},
	{LIST_EX | CALL_COUNT(1), {0, 0, 1, 0, 0x4000}},
	{LIST_EX | CALL_VAR(2) | CALL_COUNT(8) | CALL_START(5),
				  {0, 0, 0, 0x81, 3, 5, 0x1000, 0x2000, 0x3000,
				   0x4000, 0x5000, 0x6000, 0x7000, 0x8000}},
	{LIST_EX | CALL_VAR(9) | CALL_COUNT(1),
				  {0, 0, 0, 0x1ff, 7, 0, 0, 0, 0, 0, 0, 0, 0,
				   0x9000}},
	/* clang-format on */
};

/*
 * Checks that status, completed elements and effect are those of the call with
 * its block in memory.
 */
static void t_same_as_memory(void)
{
	struct partition *p = call_partition(3, 1);

	for (u32 i = 0; i < 2 * ARRAY_SIZE(calls); i++) {
		u32 row = i / 2;
		struct call slow = {.control = calls[row].control,
				    .input = CALL_GPA,
				    .is_32bit = (i & 1) != 0};
		struct call fast = slow;
		char slow_effect[EFFECT_LEN];
		char fast_effect[EFFECT_LEN];

		call_put(p, CALL_GPA, calls[row].words, QWORDS);
		call_make(p->vps[0], &slow);
		take_effect(p, slow_effect);
		fake.read_guest_count = 0;
		make_fast(p->vps[0], &fast, calls[row].words);
		take_effect(p, fast_effect);
		CHECK_EQ(fast.status, slow.status);
		CHECK_EQ(fast.reps, slow.reps);
		CHECK_STR(fast_effect, slow_effect);
		CHECK_EQ(fake.read_guest_count, 0);
		CHECK_EQ(fake.write_xmm_count, 0);
	}
}

/* One element or bank more than the registers hold. */
static void t_too_long_for_registers(void)
{
	static const u64 controls[] = {
		LIST | CALL_COUNT(12),
		LIST | CALL_COUNT(12) | CALL_START(11),
		LIST | CALL_COUNT(4095),
		SPACE_EX | CALL_VAR(11),
		SPACE_EX | CALL_VAR(1023),
		LIST_EX | CALL_COUNT(11),
		LIST_EX | CALL_VAR(1) | CALL_COUNT(10),
		LIST_EX | CALL_VAR(1023) | CALL_COUNT(4095),
		TEST, /* its output */
	};
	static const u64 words[QWORDS] = {0, ALL, 1, 0};
	struct partition *p = call_partition(2, 1);

	for (u32 i = 0; i < ARRAY_SIZE(controls); i++) {
		struct call call = {.control = controls[i]};

		make_fast(p->vps[0], &call, words);
		CHECK_EQ(call.status, HV_STATUS_INVALID_HYPERCALL_INPUT);
		CHECK_EQ(call.reps,
			 FIELD_GET(HV_CONTROL_REP_START, controls[i]));
	}
	CHECK_EQ(fake.read_xmm_count + fake.invvpid_count, 0);
	CHECK(!call_has_work(p->vps[1]));
}

static u16 fast_status(struct partition *p, u64 control, bool is_32bit)
{
	static const u64 words[QWORDS] = {HV_PARTITION_ID_SELF,
					  HV_VP_INDEX_SELF, 1, 0};
	struct call call = {.control = control, .is_32bit = is_32bit};

	make_fast(p->vps[0], &call, words);
	return call.status;
}

/*
 * A form that is not granted raises #UD. A block that fits two registers needs
 * no grant.
 */
static void t_what_needs_which_grant(void)
{
	static const struct {
		u64 control;
		bool input;
		bool output;
	} rows[] = {
		{SPACE, true, false},
		{LIST | CALL_COUNT(1), true, false},
		{LIST | CALL_COUNT(100), true, false},
		{SPACE_EX, true, false},
		{LIST_EX | CALL_COUNT(1), true, false},
		{SET | CALL_COUNT(1), true, false},
		{GET | CALL_COUNT(1), true, true},
		{CALL_CODE(HV_CALL_TRANSLATE_VIRTUAL_ADDRESS), true, true},
		{TEST, false, true},
		{SPIN, false, false},
	};
	static const u32 in = (u32)HV_FEATURE_XMM_INPUT;
	static const u32 out = (u32)HV_FEATURE_XMM_OUTPUT;
	struct partition *p = call_partition(2, 1);

	for (u32 i = 0; i < 8 * ARRAY_SIZE(rows); i++) {
		u32 row = i / 8;
		bool has_in = (i & 1) != 0;
		bool has_out = (i & 2) != 0;
		bool is_32bit = (i & 4) != 0;
		bool refused = (rows[row].input && !has_in) ||
			       (rows[row].output && (!has_out || is_32bit));
		u16 status;

		fake_config(p)->privileges.features =
			(has_in ? in : 0) | (has_out ? out : 0);
		status = fast_status(p, rows[row].control, is_32bit);
		CHECK_EQ(status == CALL_UD, refused);
	}
	/* the control word's errors come first */
	fake_config(p)->privileges.features = 0;
	CHECK_EQ(fast_status(p, LIST, false),
		 HV_STATUS_INVALID_HYPERCALL_INPUT);
	CHECK_EQ(fast_status(p, SPACE | BIT(63), false),
		 HV_STATUS_INVALID_HYPERCALL_INPUT);
}

/* XMM is read only where the block reaches into it. */
static void t_xmm_is_read_when_needed(void)
{
	struct partition *p = call_partition(2, 1);

	(void)fast_status(p, SPIN, false);
	CHECK_EQ(fake.read_xmm_count, 0);
	CHECK_EQ(call_simple(p->vps[0], SPIN), HV_STATUS_SUCCESS);
	CHECK_EQ(fake.read_xmm_count, 0);
	(void)fast_status(p, SPACE, false);
	CHECK_EQ(fake.read_xmm_count, 1);
}

/* ---- output ---- */

/* The registers of a 64-bit caller by qword; names are VP 1's suspend bits. */
static void get_fast(struct partition *p, u32 count, u32 start,
		     u64 after[QWORDS])
{
	struct vp *vp = p->vps[0];
	struct hc_caller caller = {.is_64bit = true, .is_protected = true};
	u64 words[QWORDS];
	u32 *names = (u32 *)&words[2];

	memset(words, 0xa5, sizeof(words));
	words[0] = HV_PARTITION_ID_SELF;
	words[1] = p->vps[1]->index;
	for (u32 i = 0; i < count; i++) {
		names[i] = HV_REGISTER_INTERCEPT_SUSPEND;
	}
	vp->own.gpr[GPR_RCX] =
		GET | FAST | CALL_COUNT(count) | CALL_START(start);
	vp->own.gpr[GPR_RDX] = words[0];
	vp->own.gpr[GPR_R8] = words[1];
	memcpy(fake.xmm, &words[2], sizeof(fake.xmm));
	CHECK_EQ(hypercall(vp, &caller), HC_DONE);
	CHECK_EQ(vp->own.gpr[GPR_RAX], CALL_COUNT(count));
	/* the input's registers are as they were */
	CHECK_EQ(vp->own.gpr[GPR_RDX], words[0]);
	CHECK_EQ(vp->own.gpr[GPR_R8], words[1]);
	memcpy(&after[2], fake.xmm, sizeof(fake.xmm));
	for (u32 i = 2; i < QWORDS; i++) {
		u32 first = (16 + 4 * count + 15) / 16 * 2 + 2 * start;
		bool is_output = i >= first && i < first + 2 * (count - start);
		u64 value = i % 2 == 0 ? 2 : 0; /* TlbFlushInhibit, 128 bits */

		CHECK_EQ(after[i], is_output ? value : words[i]);
	}
}

static void t_output_is_behind_the_input(void)
{
	struct partition *p = call_partition(2, 1);
	u64 after[QWORDS];

	p->vps[1]->shared.inhibit = BIT(0);
	for (u32 count = 1; count <= 4; count++) {
		for (u32 start = 0; start < count; start++) {
			get_fast(p, count, start, after);
		}
	}
	CHECK_EQ(fake.write_guest_count, 0);
	CHECK_EQ(fast_status(p, GET | CALL_COUNT(5), false),
		 HV_STATUS_INVALID_HYPERCALL_INPUT);
}

/* A refused call changes no register but RAX. */
static void t_no_output_of_refused_calls(void)
{
	struct partition *p = call_partition(2, 1);
	u64 words[QWORDS] = {HV_PARTITION_ID_SELF, 99, 0x1234};
	struct call call = {.control = GET | CALL_COUNT(1)};

	make_fast(p->vps[0], &call, words);
	CHECK_EQ(call.status, HV_STATUS_INVALID_VP_INDEX);
	CHECK_EQ(fake.write_xmm_count, 0);
}

static const struct test tests[] = {
	{"same-as-memory", t_same_as_memory},
	{"too-long-for-registers", t_too_long_for_registers},
	{"what-needs-which-grant", t_what_needs_which_grant},
	{"xmm-is-read-when-needed", t_xmm_is_read_when_needed},
	{"output-is-behind-the-input", t_output_is_behind_the_input},
	{"no-output-of-refused-calls", t_no_output_of_refused_calls},
};

const struct suite suite_hc_input = SUITE("hc_input", tests);
