/* SPDX-License-Identifier: MIT */
/*
 * The hypercall engine: environments, control word, placement of input,
 * registers.
 */
#include "core/hypercall/engine.h"

#include <string.h>

#include "support/call.h"
#include "support/check.h"
#include "tlfs/cpuid.h"

#define SPACE    CALL_CODE(HV_CALL_FLUSH_VIRTUAL_ADDRESS_SPACE)
#define LIST     CALL_CODE(HV_CALL_FLUSH_VIRTUAL_ADDRESS_LIST)
#define SPACE_EX CALL_CODE(HV_CALL_FLUSH_VIRTUAL_ADDRESS_SPACE_EX)
#define LIST_EX  CALL_CODE(HV_CALL_FLUSH_VIRTUAL_ADDRESS_LIST_EX)
#define TEST     CALL_CODE(LETHE_CALL_TEST_READ)
#define ELEMENTS 20

static const u64 known[] = {SPACE, LIST, SPACE_EX, LIST_EX, TEST};

/* A block that all four flush calls read as "all VPs". */
static const u64 all_vps[] = {
	0, HV_FLUSH_ALL_PROCESSORS, 1, 0, 0x5000, 0x6000, 0x7000, 0x8000};

static struct partition *partition_with_input(u32 vp_count)
{
	struct partition *p = call_partition(vp_count, 1);

	call_put(p, CALL_GPA, all_vps, ARRAY_SIZE(all_vps));
	return p;
}

/* Checks that nothing happened: no work, no INVVPID, no announcement. */
static void check_no_effect(const struct partition *p)
{
	CHECK_EQ(fake.invvpid_count + fake.kick_count, 0);
	for (u32 i = 0; i < p->vp_count; i++) {
		CHECK(!call_has_work(p->vps[i]));
		CHECK_EQ(p->vps[i]->cpu->flush_seq, 0);
	}
}

static void t_environments_that_are_ud(void)
{
	struct partition *p = partition_with_input(2);

	for (u32 i = 0; i < 32; i++) {
		struct call call = {.control = i & 16 ? SPACE : 0xffff,
				    .input = CALL_GPA,
				    .is_32bit = (i & 8) != 0,
				    .real_mode = (i & 4) != 0,
				    .cpl = (u8)(i & 3)};

		call_make(p->vps[0], &call);
		if (call.cpl != 0 || call.real_mode) {
			CHECK_EQ(call.status, CALL_UD);
			check_no_effect(p);
		} else {
			CHECK(call.status != CALL_UD);
			fake.invvpid_count = 0;
			p->flush_full[0] = 0;
			p->vps[0]->cpu->flush_seq = 0;
		}
	}
	p->guest_os_id = 0;
	CHECK_EQ(call_simple(p->vps[0], SPACE), CALL_UD);
	check_no_effect(p);
}

static void t_codes_that_do_not_exist(void)
{
	struct partition *p = partition_with_input(1);

	for (u32 code = 0; code < 0x10000; code++) {
		/*
		 * tested in registers_test.c, ipi_test.c and
		 * flush_extended_ranges_test.c
		 */
		bool is_known = code == HV_CALL_NOTIFY_LONG_SPIN_WAIT ||
				code == HV_CALL_SEND_SYNTHETIC_CLUSTER_IPI ||
				code == HV_CALL_SEND_SYNTHETIC_CLUSTER_IPI_EX ||
				code == HV_EXT_CALL_QUERY_CAPABILITIES ||
				(code >= HV_CALL_GET_VP_REGISTERS &&
				 code <= HV_CALL_TRANSLATE_VIRTUAL_ADDRESS);

		for (u32 i = 0; i < ARRAY_SIZE(known); i++) {
			is_known |= known[i] == code;
		}
		if (is_known) {
			continue;
		}
		CHECK_EQ(call_simple(p->vps[0], code),
			 code == 0x11 || code == 0x12
				 ? CALL_UD
				 : HV_STATUS_INVALID_HYPERCALL_CODE);
	}
	check_no_effect(p);
}

static void t_ex_calls_need_their_hint(void)
{
	struct partition *p = partition_with_input(2);
	u64 list = CALL_COUNT(1);

	fake_config(p)->privileges.hints = (u32)HV_HINT_REMOTE_FLUSH;
	CHECK_EQ(call_simple(p->vps[0], SPACE_EX), HV_STATUS_ACCESS_DENIED);
	CHECK_EQ(call_simple(p->vps[0], LIST_EX | list),
		 HV_STATUS_ACCESS_DENIED);
	check_no_effect(p);
	/* abi.md: privilege of flush calls */
	fake_config(p)->privileges.hints = 0;
	CHECK_EQ(call_simple(p->vps[0], SPACE), HV_STATUS_SUCCESS);
	CHECK_EQ(call_simple(p->vps[0], LIST | list), HV_STATUS_SUCCESS);
	CHECK_EQ(call_simple(p->vps[0], TEST), HV_STATUS_INVALID_PARAMETER);
	fake_config(p)->privileges.hints = (u32)HV_HINT_EX_PROCESSOR_MASKS;
	CHECK_EQ(call_simple(p->vps[0], SPACE_EX | CALL_VAR(1)),
		 HV_STATUS_INVALID_HYPERCALL_INPUT);
	p->flush_full[0] = 0;
}

static const struct {
	const char *name;
	u64 control;
} bad_controls[] = {
	/* clang-format off */
	{ "list: count 0",           LIST },
	{ "list: start = count",     LIST | CALL_COUNT(3) | CALL_START(3) },
	{ "list: start > count",     LIST | CALL_COUNT(3) | CALL_START(4) },
	{ "list: only start",        LIST | CALL_START(1) },
	{ "list: variable header",   LIST | CALL_COUNT(1) | CALL_VAR(1) },
	{ "list: largest variable",  LIST | CALL_COUNT(1) | CALL_VAR(1023) },
	{ "ex list: count 0",        LIST_EX },
	{ "ex list: start = count",  LIST_EX | CALL_COUNT(4095) | CALL_START(4095) },
	{ "space: count",            SPACE | CALL_COUNT(1) },
	{ "space: start",            SPACE | CALL_START(1) },
	{ "space: start and count",  SPACE | CALL_COUNT(2) | CALL_START(1) },
	{ "space: variable header",  SPACE | CALL_VAR(1) },
	{ "space: last of variable", SPACE | CALL_VAR(512) },
	{ "ex space: count",         SPACE_EX | CALL_COUNT(1) },
	{ "ex space: start",         SPACE_EX | CALL_START(4095) },
	{ "test: count",             TEST | CALL_COUNT(1) },
	{ "test: variable header",   TEST | CALL_VAR(1) },
	/* clang-format on */
};

static void t_control_word_rules(void)
{
	struct partition *p = partition_with_input(2);

	for (u32 i = 0; i < ARRAY_SIZE(bad_controls); i++) {
		struct call call = {.control = bad_controls[i].control,
				    .input = CALL_GPA};

		call_make(p->vps[0], &call);
		check_eq(call.status, HV_STATUS_INVALID_HYPERCALL_INPUT,
			 bad_controls[i].name, __FILE__, __LINE__);
		check_eq(call.reps, 0, bad_controls[i].name, __FILE__,
			 __LINE__);
	}
	CHECK_EQ(fake.read_guest_count, 0);
	check_no_effect(p);
}

/* Reserved: 30:27, 31 (nested), 47:44, 63:60. */
static void t_each_reserved_bit(void)
{
	struct partition *p = partition_with_input(2);
	u64 bases[] = {SPACE, LIST | CALL_COUNT(1), SPACE_EX,
		       LIST_EX | CALL_COUNT(1), TEST};

	for (u32 i = 0; i < ARRAY_SIZE(bases); i++) {
		for (u32 bit = 0; bit < 64; bit++) {
			if (!(0xf000f000f8000000 & BIT(bit))) {
				continue;
			}
			CHECK_EQ(call_simple(p->vps[0], bases[i] | BIT(bit)),
				 HV_STATUS_INVALID_HYPERCALL_INPUT);
		}
	}
	check_no_effect(p);
}

/* No call fits the two registers; with XMM input: input_test.c */
static void t_fast_calls_are_ud(void)
{
	struct partition *p = partition_with_input(2);

	fake_config(p)->privileges.features = 0;
	for (u32 i = 0; i < ARRAY_SIZE(known); i++) {
		bool list = known[i] == LIST || known[i] == LIST_EX;

		CHECK_EQ(call_simple(p->vps[0],
				     known[i] | HV_CONTROL_FAST |
					     CALL_COUNT(list ? 1 : 0)),
			 CALL_UD);
	}
	check_no_effect(p);
}

static u64 ram_end(const struct partition *p)
{
	return p->memory_len;
}

/* The input block of `control` is `len` bytes. */
static const struct {
	u64 control;
	u64 len;
} blocks[] = {
	{SPACE, 24},
	{LIST | CALL_COUNT(1), 32},
	{LIST | CALL_COUNT(ELEMENTS), 24 + 8 * ELEMENTS},
	{LIST | CALL_COUNT(509), 4096},
	{SPACE_EX, 32},
	{LIST_EX | CALL_COUNT(2), 48},
	{LIST_EX | CALL_COUNT(508), 4096},
	{LIST_EX | CALL_COUNT(9) | CALL_START(8), 32 + 72},
};

static u16 make_at(struct partition *p, u64 control, u64 gpa)
{
	struct call call = {.control = control, .input = gpa};

	call_make(p->vps[0], &call);
	return call.status;
}

static void t_alignment_and_page_span(void)
{
	struct partition *p = call_partition(2, 1);

	for (u32 i = 0; i < ARRAY_SIZE(blocks); i++) {
		u64 control = blocks[i].control;
		u64 last = PAGE_SIZE - blocks[i].len;
		u32 words = blocks[i].len < 32 ? 3 : 4;

		for (u64 off = 1; off < 8; off++) {
			CHECK_EQ(make_at(p, control, CALL_GPA + off),
				 HV_STATUS_INVALID_ALIGNMENT);
		}
		for (u64 off = last + 8; off < PAGE_SIZE; off += 8) {
			CHECK_EQ(make_at(p, control, CALL_GPA + off),
				 HV_STATUS_INVALID_ALIGNMENT);
		}
		CHECK_EQ(fake.read_guest_count, 0);
		call_put(p, CALL_GPA + last, all_vps, words);
		CHECK_EQ(make_at(p, control, CALL_GPA + last),
			 HV_STATUS_SUCCESS);
		call_put(p, ram_end(p) - blocks[i].len, all_vps, words);
		CHECK_EQ(make_at(p, control, ram_end(p) - blocks[i].len),
			 HV_STATUS_SUCCESS);
		fake.read_guest_count = 0;
	}
	/* one element more does not fit any page */
	CHECK_EQ(make_at(p, LIST | CALL_COUNT(510), CALL_GPA),
		 HV_STATUS_INVALID_ALIGNMENT);
	CHECK_EQ(make_at(p, LIST | CALL_COUNT(4095), CALL_GPA),
		 HV_STATUS_INVALID_ALIGNMENT);
	CHECK_EQ(make_at(p, SPACE_EX | CALL_VAR(509), CALL_GPA),
		 HV_STATUS_INVALID_ALIGNMENT);
	CHECK_EQ(make_at(p, LIST_EX | CALL_VAR(1023) | CALL_COUNT(4095),
			 CALL_GPA),
		 HV_STATUS_INVALID_ALIGNMENT);
}

static void t_input_outside_ram(void)
{
	struct partition *p = call_partition(2, 1);
	const u64 outside[] = {ram_end(p),  ram_end(p) + 0x1000,
			       4 * GIB,     BIT(47),
			       BIT(52),     BIT(63),
			       ~0ull << 12, 0ull - 4096 + 8};

	for (u32 i = 0; i < ARRAY_SIZE(outside); i++) {
		CHECK_EQ(make_at(p, SPACE, outside[i]),
			 HV_STATUS_INVALID_ALIGNMENT);
		CHECK_EQ(make_at(p, LIST | CALL_COUNT(3) | CALL_START(1),
				 outside[i]),
			 HV_STATUS_INVALID_ALIGNMENT);
	}
	CHECK_EQ(fake.read_guest_count, 0);
	check_no_effect(p);
}

/* abi.md: unreadable input. The second read is that of the elements from
   `start` on. */
static void t_unreadable_input(void)
{
	struct partition *p = partition_with_input(2);
	struct call call = {.control = LIST | CALL_COUNT(4) | CALL_START(2),
			    .input = CALL_GPA};

	for (u32 nth = 1; nth <= 2; nth++) {
		fake.fail_read_guest = nth;
		call_make(p->vps[0], &call);
		CHECK_EQ(call.status, HV_STATUS_INVALID_HYPERCALL_INPUT);
		CHECK_EQ(call.reps, 2);
	}
	fake_config(p); /* the slow path */
	fake.fail_read_guest = 1;
	CHECK_EQ(call_simple(p->vps[0], SPACE),
		 HV_STATUS_INVALID_HYPERCALL_INPUT);
	check_no_effect(p);
	CHECK_EQ(call_simple(p->vps[0], SPACE), HV_STATUS_SUCCESS);
}

static void t_reps_completed(void)
{
	struct partition *p = partition_with_input(2);

	for (u32 start = 0; start < 30; start++) {
		u64 reps = CALL_COUNT(30) | CALL_START(start);
		struct call call = {.control = LIST | reps, .input = CALL_GPA};

		call_make(p->vps[0], &call);
		CHECK_EQ(call.status, HV_STATUS_SUCCESS);
		CHECK_EQ(call.reps, 30);
		/* abi.md: elements done on an error */
		call.input = CALL_GPA + 1;
		call_make(p->vps[0], &call);
		CHECK_EQ(call.status, HV_STATUS_INVALID_ALIGNMENT);
		CHECK_EQ(call.reps, start);
		call.input = 0x8000;
		call_make(p->vps[0], &call);
		CHECK_EQ(call.status, HV_STATUS_INVALID_PARAMETER);
		CHECK_EQ(call.reps, start);
	}
}

/* The same calls from 32-bit code, with dirty upper halves (XSA-454). */
static void t_32_bit_callers(void)
{
	struct partition *p = partition_with_input(2);

	for (u32 i = 0; i < ARRAY_SIZE(known); i++) {
		bool list = known[i] == LIST || known[i] == LIST_EX;
		struct call call = {
			.control = known[i] | CALL_COUNT(list ? 3 : 0),
			.input = CALL_GPA,
			.output = 0x9000,
			.is_32bit = true,
		};

		call_make(p->vps[0], &call);
		CHECK_EQ(call.status,
			 known[i] == TEST ? HV_STATUS_INVALID_PARAMETER : 0);
		CHECK_EQ(call.reps, list ? 3 : 0);
		/* the high half of the GPA is EBX, and counts */
		call.input |= BIT(32);
		call_make(p->vps[0], &call);
		CHECK_EQ(call.status, HV_STATUS_INVALID_ALIGNMENT);
		/* reserved bits come from EDX */
		call.control |= BIT(44);
		call_make(p->vps[0], &call);
		CHECK_EQ(call.status, HV_STATUS_INVALID_HYPERCALL_INPUT);
	}
}

static const struct test tests[] = {
	{"environments-that-are-ud", t_environments_that_are_ud},
	{"codes-that-do-not-exist", t_codes_that_do_not_exist},
	{"ex-calls-need-their-hint", t_ex_calls_need_their_hint},
	{"control-word-rules", t_control_word_rules},
	{"each-reserved-bit", t_each_reserved_bit},
	{"fast-calls-are-ud", t_fast_calls_are_ud},
	{"alignment-and-page-span", t_alignment_and_page_span},
	{"input-outside-ram", t_input_outside_ram},
	{"unreadable-input", t_unreadable_input},
	{"reps-completed", t_reps_completed},
	{"32-bit-callers", t_32_bit_callers},
};

const struct suite suite_hypercall = SUITE("hypercall", tests);
