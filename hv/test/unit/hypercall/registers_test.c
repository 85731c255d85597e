/* SPDX-License-Identifier: MIT */
/*
 * 0x0050 and 0x0051: which partitions a caller may name, the register, the
 * elements that are completed, and where output may lie. Also 0x0008, the one
 * call whose input fits two registers.
 */

#include <string.h>

#include "core/flush/inhibit.h"
#include "support/call.h"
#include "support/check.h"
#include "tlfs/cpuid.h"
#include "tlfs/register.h"

#define GET  CALL_CODE(HV_CALL_GET_VP_REGISTERS)
#define SET  CALL_CODE(HV_CALL_SET_VP_REGISTERS)
#define SPIN CALL_CODE(HV_CALL_NOTIFY_LONG_SPIN_WAIT)
#define OUT  0x9000
#define FILL 0xa5a5a5a5a5a5a5a5ull
#define SELF HV_PARTITION_ID_SELF
#define NAME HV_REGISTER_INTERCEPT_SUSPEND

static struct partition *p; /* has the privilege, controls q */
static struct partition *q; /* has nothing */
static struct partition *r; /* has the privilege */

static void setup(void)
{
	fake_cpus(4);
	p = call_partition(4, 70);
	q = call_partition(2, 1);
	r = call_partition(1, 1);
	fake_config(p)->controls = (u32)BIT(q->number);
	fake_config(q)->privileges.mask &= ~HV_PRIV_ACCESS_VP_REGISTERS;
}

static u64 *out_words(struct partition *of)
{
	return fake_ram(of, OUT);
}

static void put_header(struct partition *of, u64 id, u64 index_and_vtl)
{
	u64 words[] = {id, index_and_vtl};

	call_put(of, CALL_GPA, words, 2);
	for (u32 i = 0; i < 2 * PAGE_SIZE / 8; i++) {
		out_words(of)[i] = FILL;
	}
}

/* 0x0050 for one register; the value is in the first two words of OUT. */
static u16 get_one(struct vp *vp, u64 id, u64 index)
{
	struct call call = {.control = GET | CALL_COUNT(1),
			    .input = CALL_GPA,
			    .output = OUT};
	u64 name = NAME | 0xdeadull << 32; /* one u32 */

	put_header(vp->partition, id, index);
	call_put(vp->partition, CALL_GPA + 16, &name, 1);
	call_make(vp, &call);
	CHECK_EQ(call.reps, call.status == 0 ? 1 : 0);
	CHECK_EQ(out_words(vp->partition)[2], FILL);
	if (call.status != 0) {
		CHECK_EQ(out_words(vp->partition)[0], FILL);
	}
	return call.status;
}

static u16 set_one(struct vp *vp, u64 id, u64 index, u64 value)
{
	struct call call = {.control = SET | CALL_COUNT(1), .input = CALL_GPA};
	u64 element[] = {NAME, 0, value, 0};

	put_header(vp->partition, id, index);
	call_put(vp->partition, CALL_GPA + 16, element, 4);
	call_make(vp, &call);
	CHECK_EQ(call.reps, call.status == 0 ? 1 : 0);
	return call.status;
}

/* The status of each caller and header. It is the same for both calls. */
static const struct {
	const char *name;
	u64 id;
	u64 index;
	u32 caller; /* partition */
	u16 status;
} headers[] = {
	/* clang-format off */
	{"self, self",        SELF, HV_VP_INDEX_SELF, 0, HV_STATUS_SUCCESS},
	{"self, 0",           SELF, 0, 0, HV_STATUS_SUCCESS},
	{"self, last",        SELF, 210, 0, HV_STATUS_SUCCESS},
	{"self by number",    1,    70, 0, HV_STATUS_SUCCESS},
	{"no such index",     SELF, 1, 0, HV_STATUS_INVALID_VP_INDEX},
	{"index 4096",        SELF, 4096, 0, HV_STATUS_INVALID_VP_INDEX},
	{"any VP",            SELF, 0xffffffff, 0, HV_STATUS_INVALID_VP_INDEX},
	{"partition 0",       0,    0, 0, HV_STATUS_INVALID_PARTITION_ID},
	{"partition 4",       4,    0, 0, HV_STATUS_INVALID_PARTITION_ID},
	{"partition -2",      ~1ull, 0, 0, HV_STATUS_INVALID_PARTITION_ID},
	{"2^32 + 1",          BIT(32) + 1, 0, 0, HV_STATUS_INVALID_PARTITION_ID},
	{"controlled",        2,    1, 0, HV_STATUS_SUCCESS},
	{"controlled, index", 2,    70, 0, HV_STATUS_INVALID_VP_INDEX},
	{"self is elsewhere", 2,    HV_VP_INDEX_SELF, 0, HV_STATUS_INVALID_VP_INDEX},
	{"not controlled",    3,    0, 0, HV_STATUS_ACCESS_DENIED},
	{"not controlled, index", 3, 70, 0, HV_STATUS_ACCESS_DENIED},
	{"powerless",         SELF, 0, 1, HV_STATUS_ACCESS_DENIED},
	{"powerless, other",  1,    0, 1, HV_STATUS_ACCESS_DENIED},
	{"powerless, none",   77,   0, 1, HV_STATUS_ACCESS_DENIED},
	{"privilege is not control", 2, 0, 2, HV_STATUS_ACCESS_DENIED},
	{"own third",         3,    0, 2, HV_STATUS_SUCCESS},
	/* InputVtl, then the reserved bytes after it */
	{"VTL 1",             SELF, 1ull << 32, 0, HV_STATUS_INVALID_PARAMETER},
	{"UseTargetVtl",      SELF, 0x10ull << 32, 0, HV_STATUS_INVALID_PARAMETER},
	{"VTL reserved",      SELF, 0x80ull << 32, 0, HV_STATUS_INVALID_PARAMETER},
	{"reserved 1",        SELF, 1ull << 40, 0, HV_STATUS_INVALID_PARAMETER},
	{"reserved 2",        SELF, 1ull << 48, 0, HV_STATUS_INVALID_PARAMETER},
	{"reserved 3",        SELF, 0x80ull << 56, 0, HV_STATUS_INVALID_PARAMETER},
	{"index before VTL",  SELF, 1 | 1ull << 32, 0, HV_STATUS_INVALID_VP_INDEX},
	/* clang-format on */
};

static void t_whose_registers(void)
{
	setup();
	for (u32 i = 0; i < ARRAY_SIZE(headers); i++) {
		struct vp *vp = machine.partitions[headers[i].caller]->vps[0];

		check_eq(get_one(vp, headers[i].id, headers[i].index),
			 headers[i].status, headers[i].name, __FILE__,
			 __LINE__);
		check_eq(set_one(vp, headers[i].id, headers[i].index, 0),
			 headers[i].status, headers[i].name, __FILE__,
			 __LINE__);
	}
	/* a caller that only controls others may not name its own partition */
	fake_config(p)->privileges.mask = 0;
	CHECK_EQ(get_one(p->vps[0], SELF, 0), HV_STATUS_ACCESS_DENIED);
	CHECK_EQ(get_one(p->vps[0], 2, 0), HV_STATUS_SUCCESS);
	CHECK_EQ(get_one(p->vps[0], 9, 0), HV_STATUS_INVALID_PARTITION_ID);
}

static u64 value_of(struct vp *vp)
{
	CHECK_EQ(get_one(p->vps[0], vp->partition->number + 1, vp->index), 0);
	CHECK_EQ(out_words(p)[1], 0);
	return out_words(p)[0];
}

static void inhibit(struct vp *vp)
{
	inhibit_enter(vp);
	inhibit_keep(vp, p);
}

static void t_intercept_suspend_is_read(void)
{
	setup();
	CHECK_EQ(value_of(p->vps[1]), 0);
	inhibit_enter(p->vps[1]);
	CHECK_EQ(value_of(p->vps[1]), 0);
	inhibit_keep(p->vps[1], p);
	CHECK_EQ(value_of(p->vps[1]), HV_INTERCEPT_TLB_INHIBIT);
	CHECK_EQ(value_of(p->vps[0]), 0);
	p->suspended.words[p->vps[1]->bank] |= p->vps[1]->bank_bit;
	CHECK_EQ(value_of(p->vps[1]),
		 HV_INTERCEPT_TLB_INHIBIT | HV_INTERCEPT_SUSPENDED);
	inhibit(q->vps[1]);
	CHECK_EQ(value_of(q->vps[1]), HV_INTERCEPT_TLB_INHIBIT);
}

static void t_bits_can_only_be_cleared(void)
{
	setup();
	struct vp *x = p->vps[1];
	struct vp *self = p->vps[0];

	for (u32 bit = 0; bit < 64; bit++) {
		CHECK_EQ(set_one(self, SELF, x->index, BIT(bit)),
			 HV_STATUS_INVALID_REGISTER_VALUE);
	}
	inhibit(x);
	CHECK_EQ(set_one(self, SELF, x->index, 3),
		 HV_STATUS_INVALID_REGISTER_VALUE);
	CHECK_EQ(set_one(self, SELF, x->index, 2), HV_STATUS_SUCCESS);
	CHECK(inhibit_is_set(x));
	/* the inhibited VP itself may end the inhibit */
	CHECK_EQ(set_one(x, SELF, HV_VP_INDEX_SELF, 0), HV_STATUS_SUCCESS);
	CHECK(!inhibit_is_set(x));
	CHECK_EQ(p->inhibit_count, 0);
	CHECK_EQ(set_one(self, SELF, x->index, 2),
		 HV_STATUS_INVALID_REGISTER_VALUE);
	CHECK_EQ(set_one(self, SELF, x->index, 0), HV_STATUS_SUCCESS);
}

static void t_bits_are_cleared_apart(void)
{
	setup();
	struct vp *x = p->vps[1];

	x->partition->suspended.words[x->bank] |= x->bank_bit;
	inhibit(x);
	/* Suspended is cleared: the VP makes its call again */
	CHECK_EQ(set_one(p->vps[0], SELF, x->index, 2), HV_STATUS_SUCCESS);
	CHECK_EQ(x->shared.events, VP_EVENT_WAKE);
	CHECK(inhibit_is_set(x));
	x->shared.events = 0;
	/* the inhibit is cleared: all suspended VPs look again */
	CHECK_EQ(set_one(p->vps[0], SELF, x->index, 1), HV_STATUS_SUCCESS);
	CHECK_EQ(x->shared.events, VP_EVENT_WAKE);
	CHECK(!inhibit_is_set(x));
	x->shared.events = 0;
	CHECK_EQ(set_one(p->vps[0], SELF, x->index, 1), HV_STATUS_SUCCESS);
	CHECK_EQ(x->shared.events, 0);
}

/* One wrong thing in element `at` of four */
static const struct {
	u64 flip;
	u32 word;
	u16 status;
} bad_elements[] = {
	{3, 0, HV_STATUS_INVALID_PARAMETER}, /* name 2 */
	{BIT(32), 0, HV_STATUS_INVALID_PARAMETER},
	{1, 1, HV_STATUS_INVALID_PARAMETER},
	{BIT(63), 1, HV_STATUS_INVALID_PARAMETER},
	{1, 2, HV_STATUS_INVALID_REGISTER_VALUE},
	{1, 3, HV_STATUS_INVALID_REGISTER_VALUE},
	{BIT(63), 3, HV_STATUS_INVALID_REGISTER_VALUE},
};

static void t_set_stops_at_the_wrong_element(void)
{
	setup();
	struct vp *x = p->vps[1];

	for (u32 i = 0; i < ARRAY_SIZE(bad_elements) * 4; i++) {
		u64 words[16] = {NAME, 0, 0, 0, NAME, 0, 0, 0,
				 NAME, 0, 0, 0, NAME, 0, 0, 0};
		u32 at = i % 4;
		struct call call = {.control = SET | CALL_COUNT(4) |
					       CALL_START(at == 3 ? 2 : 0),
				    .input = CALL_GPA};

		inhibit(x);
		words[4 * at + bad_elements[i / 4].word] ^=
			bad_elements[i / 4].flip;
		put_header(p, SELF, x->index);
		call_put(p, CALL_GPA + 16, words, 16);
		call_make(p->vps[0], &call);
		CHECK_EQ(call.status, bad_elements[i / 4].status);
		CHECK_EQ(call.reps, at);
		/* the elements before it have their effect */
		CHECK(inhibit_is_set(x) == (at == 0));
	}
}

static void put_names(u32 count, u32 bad)
{
	u32 names[1022] = {0};

	for (u32 i = 0; i < count; i++) {
		names[i] = i == bad ? 0x000d0006 : NAME;
	}
	memcpy(fake_ram(p, CALL_GPA + 16), names, count * sizeof(names[0]));
}

static void t_get_many(void)
{
	setup();
	struct call call = {.input = CALL_GPA, .output = OUT};

	inhibit(p->vps[1]);
	/* more than the flush queue holds; element i lies at 16 * i */
	for (u32 start = 0; start < 256; start += 51) {
		put_header(p, SELF, p->vps[1]->index);
		put_names(256, ~0u);
		call.control = GET | CALL_COUNT(256) | CALL_START(start);
		call_make(p->vps[0], &call);
		CHECK_EQ(call.status, HV_STATUS_SUCCESS);
		CHECK_EQ(call.reps, 256);
		for (u32 i = 0; i < 513; i++) {
			u64 want = i % 2 == 0 ? 2 : 0;

			CHECK_EQ(out_words(p)[i],
				 i < 2 * start || i == 512 ? FILL : want);
		}
	}
	/* an unknown name ends the call; the completed elements are written */
	put_header(p, SELF, p->vps[1]->index);
	put_names(9, 7);
	call.control = GET | CALL_COUNT(9) | CALL_START(5);
	call_make(p->vps[0], &call);
	CHECK_EQ(call.status, HV_STATUS_INVALID_PARAMETER);
	CHECK_EQ(call.reps, 7);
	CHECK_EQ(out_words(p)[9], FILL);
	CHECK_EQ(out_words(p)[10], 2);
	CHECK_EQ(out_words(p)[13], 0);
	CHECK_EQ(out_words(p)[14], FILL);
}

static void t_output_framing(void)
{
	static const struct {
		u64 output;
		u32 count;
		u16 status;
	} rows[] = {
		{OUT + 4, 1, HV_STATUS_INVALID_ALIGNMENT},
		{OUT + 0xff8, 1, HV_STATUS_INVALID_ALIGNMENT},
		{OUT + 0xff0, 1, HV_STATUS_SUCCESS},
		{OUT + 0xff0, 2, HV_STATUS_INVALID_ALIGNMENT},
		{OUT + 8, 256, HV_STATUS_INVALID_ALIGNMENT},
		{OUT, 257, HV_STATUS_INVALID_ALIGNMENT},
		{FAKE_RAM, 1, HV_STATUS_INVALID_ALIGNMENT},
		{BIT(63), 1, HV_STATUS_INVALID_ALIGNMENT},
		{FAKE_RAM - 16, 1, HV_STATUS_SUCCESS},
		/* input is copied first: output may overlap it */
		{CALL_GPA, 1, HV_STATUS_SUCCESS},
	};

	setup();
	for (u32 i = 0; i < ARRAY_SIZE(rows); i++) {
		struct call call = {.control = GET | CALL_COUNT(rows[i].count),
				    .input = CALL_GPA,
				    .output = rows[i].output};

		put_header(p, SELF, 0);
		put_names(rows[i].count, ~0u);
		call_make(p->vps[0], &call);
		CHECK_EQ(call.status, rows[i].status);
	}
	/* the whole list has to lie in one page, whatever the start index */
	struct call call = {.control = GET | CALL_COUNT(257) | CALL_START(256),
			    .input = CALL_GPA,
			    .output = OUT};

	call_make(p->vps[0], &call);
	CHECK_EQ(call.status, HV_STATUS_INVALID_ALIGNMENT);
	CHECK_EQ(call.reps, 256);
}

static u16 spin(u64 control, struct vp *vp, u64 words)
{
	struct call call = {.control = control, .input = words};

	vp->own.due = false;
	vp->cpu->yield = false;
	call_make(vp, &call);
	return call.status;
}

static void t_long_spin_wait(void)
{
	setup();
	struct vp *vp = q->vps[1]; /* no privilege is needed */

	put_header(q, ~0ull, 0);
	CHECK_EQ(spin(SPIN, vp, CALL_GPA), HV_STATUS_SUCCESS);
	CHECK(!vp->cpu->yield && !vp->own.due); /* nobody else could run */
	vp->cpu->sliced = 1;
	CHECK_EQ(spin(SPIN, vp, CALL_GPA), HV_STATUS_SUCCESS);
	CHECK(vp->cpu->yield && vp->own.due);
	/* fast: any value, for it is advice */
	CHECK_EQ(spin(SPIN | HV_CONTROL_FAST, vp, ~0ull), HV_STATUS_SUCCESS);
	CHECK(vp->cpu->yield && vp->own.due);
	CHECK_EQ(spin(SPIN, vp, CALL_GPA + 1), HV_STATUS_INVALID_ALIGNMENT);
	CHECK(!vp->cpu->yield && !vp->own.due);
	CHECK_EQ(spin(SPIN | HV_CONTROL_FAST | CALL_COUNT(1), vp, 0),
		 HV_STATUS_INVALID_HYPERCALL_INPUT);
	CHECK_EQ(spin(SPIN | HV_CONTROL_FAST | CALL_VAR(1), vp, 0),
		 HV_STATUS_INVALID_HYPERCALL_INPUT);
	CHECK(!vp->cpu->yield);
	/* a call with more than 16 bytes, or with output, needs a grant */
	fake_config(q)->privileges.features = 0;
	CHECK_EQ(spin(GET | HV_CONTROL_FAST | CALL_COUNT(1), vp, 0), CALL_UD);
	CHECK_EQ(spin(SET | HV_CONTROL_FAST | CALL_COUNT(1), vp, 0), CALL_UD);
	CHECK_EQ(spin(HV_CALL_TRANSLATE_VIRTUAL_ADDRESS | HV_CONTROL_FAST, vp,
		      0),
		 CALL_UD);
	CHECK_EQ(spin(LETHE_CALL_TEST_READ | HV_CONTROL_FAST, vp, 0), CALL_UD);
}

static const struct test tests[] = {
	{"whose-registers", t_whose_registers},
	{"intercept-suspend-is-read", t_intercept_suspend_is_read},
	{"bits-can-only-be-cleared", t_bits_can_only_be_cleared},
	{"bits-are-cleared-apart", t_bits_are_cleared_apart},
	{"set-stops-at-the-wrong-element", t_set_stops_at_the_wrong_element},
	{"get-many", t_get_many},
	{"output-framing", t_output_framing},
	{"long-spin-wait", t_long_spin_wait},
};

const struct suite suite_hc_registers = SUITE("hc_registers", tests);
