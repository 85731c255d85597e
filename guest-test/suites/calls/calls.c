/* SPDX-License-Identifier: MIT */
/*
 * Every status of the engine and of the flush calls; each row is a check: the
 * control word, the input block, and the result. tests/refusals.toml has the
 * rows of the refusals.
 */
#include "call/checked.h"
#include "call/flush.h"
#include "call/row_words.h"
#include "harness/suite.h"
#include "harness/tap.h"
#include "kernel/cpu.h"
#include "kernel/host.h"
#include "kernel/mem.h"
#include "kernel/page.h"
#include "kernel/vp.h"

#include "tlfs/msr.h"

#define SPACES  HV_FLUSH_ALL_VIRTUAL_ADDRESS_SPACES
#define HOLE    0x0000800000000000ull
#define JUNK    0x00007e0000000000ull
#define END_GPA 2 /* .gpa: the kind of input address; 0: own page */
#define FAR_GPA 3
#define TOP_GPA 4

struct call_row {
	u64 control;
	u16 status;
	u16 reps;
	u64 words[8]; /* the input block */
	u32 offset;   /* of the block in its page */
	u32 gpa;      /* 0: own input page */
	u64 output;   /* R8 */
	u32 fault;    /* TRAP_UD: comes instead of a status */
};

static u64 input_gpa(const struct call_row *row)
{
	switch (row->gpa) {
	case END_GPA:
		return page_memory_end();
	case FAR_GPA:
		return BIT(40);
	case TOP_GPA:
		return ~0ull & PAGE_MASK;
	default:
		return page_gpa(vp_self()->input) + row->offset;
	}
}

static void run_row(const void *arg)
{
	const struct call_row *row = arg;
	u8 *page = vp_self()->input;
	struct hypercall_result r;
	u64 kept = 0;

	for (u32 i = 0; i < PAGE_SIZE / 8; i++) {
		((u64 *)page)[i] = JUNK + i * PAGE_SIZE;
	}
	/* words beyond the page stay away: the call does not read them */
	for (u32 i = 0; i < ARRAY_SIZE(row->words); i++) {
		if (row->offset + 8 * i + 8 <= PAGE_SIZE) {
			memcpy(page + row->offset + 8 * i, &row->words[i], 8);
			kept += row->words[i];
		}
	}
	r = hypercall_checked(row->control, input_gpa(row), row->output);
	if (row->fault != 0) {
		if (tap_equal("fault", r.fault.vector, row->fault)) {
			tap_equal("at the VMCALL",
				  *(u32 *)r.fault.rip & 0xffffff, 0xc1010f);
		}
		return;
	}
	hypercall_expect(&r, row->status);
	if (row->status == OK ||
	    FIELD_GET(HV_CONTROL_REP_START, row->control) == 0) {
		tap_equal("reps completed", r.reps, row->reps);
	}
	for (u32 i = 0; i < ARRAY_SIZE(row->words); i++) {
		if (row->offset + 8 * i + 8 <= PAGE_SIZE) {
			u64 word;

			memcpy(&word, page + row->offset + 8 * i, 8);
			kept -= word;
		}
	}
	tap_equal("input block kept", kept, 0);
}

/* Each bit of the mask, alone, gives this status. */
static void each_bit(u64 control, u64 mask, u16 status)
{
	u64 block[4] = {0, ALL, 1, 0};

	memcpy(vp_self()->input, block, sizeof(block));
	for (u32 bit = 0; bit < 64; bit++) {
		struct hypercall_result r;

		if ((mask & BIT(bit)) == 0) {
			continue;
		}
		r = hypercall_checked(control | BIT(bit),
				      page_gpa(vp_self()->input), 0);
		hypercall_expect(&r, status);
	}
}

static void reserved_bits(const void *arg)
{
	(void)arg;
	each_bit(SPACE, HV_CONTROL_RESERVED, INPUT);
	each_bit(LIST | COUNT(1), HV_CONTROL_RESERVED, INPUT);
	each_bit(0x7ffe, HV_CONTROL_RESERVED, CODE);
}

static void reserved_flags(const void *arg)
{
	struct guest_cpu *vp = vp_self();

	(void)arg;
	for (u32 bit = 4; bit < 64; bit++) {
		u64 block[4] = {0, ALL | BIT(bit), 1, JUNK};
		struct hypercall_result r;

		memcpy(vp->input, block, sizeof(block));
		r = hypercall_checked(SPACE, page_gpa(vp->input), 0);
		hypercall_expect(&r, PARAM);
		r = hypercall_checked(LIST | COUNT(1), page_gpa(vp->input), 0);
		hypercall_expect(&r, PARAM);
	}
}

static void every_rep_start(const void *arg)
{
	u64 *word = (u64 *)vp_self()->input;

	(void)arg;
	word[0] = 0;
	word[1] = ALL;
	word[2] = 0;
	for (u32 i = 0; i < FLUSH_RANGES_MAX; i++) {
		word[3 + i] = JUNK + i * PAGE_SIZE;
	}
	for (u32 start = 0; start < FLUSH_RANGES_MAX; start += 27) {
		struct hypercall_result r = hypercall_checked(
			LIST | COUNT(FLUSH_RANGES_MAX) | START(start),
			page_gpa(word), 0);

		hypercall_expect(&r, OK);
		tap_equal("reps completed", r.reps, FLUSH_RANGES_MAX);
	}
}

static void from_user(const void *arg)
{
	struct trap_fault fault = hypercall_from_user(SPACE);

	(void)arg;
	tap_equal("known code", fault.vector, TRAP_UD);
	tap_equal("at the VMCALL", fault.rip, PAGE_WINDOW + 5);
	fault = hypercall_from_user(0x7ffe);
	tap_equal("unknown code", fault.vector, TRAP_UD);
	tap_equal("at the VMCALL", fault.rip, PAGE_WINDOW + 5);
}

static void without_os_id(const void *arg)
{
	struct hypercall_result r;

	(void)arg;
	cpu_wrmsr(HV_X64_MSR_GUEST_OS_ID, 0);
	r = hypercall_checked(0x7ffe, page_gpa(vp_self()->input), 0);
	tap_equal("unknown code", r.fault.vector, TRAP_UD);
	r = hypercall_checked(SPACE, page_gpa(vp_self()->input), 0);
	tap_equal("known code", r.fault.vector, TRAP_UD);
	cpu_wrmsr(HV_X64_MSR_GUEST_OS_ID, HOST_OS_ID);
}

static void reserved_with_if0(const void *arg)
{
	struct hypercall_result r;
	u64 block[4] = {0, ALL, 0, 0};

	(void)arg;
	memcpy(vp_self()->input, block, sizeof(block));
	cpu_cli();
	r = hypercall_checked(SPACE, page_gpa(vp_self()->input), 0);
	cpu_sti();
	hypercall_expect(&r, OK);
}

#define ROW_HEADING "TLFS: Hypercall Interface"
#define REFUSED(_heading, _name, _needs, _control, _status, ...)               \
	{                                                                      \
		_name, _heading, run_row,                                      \
			&(const struct call_row){.control = _control,          \
						 .status = _status,            \
						 __VA_ARGS__},                 \
			1, NEED_HV | (_needs)                                  \
	}
#define ROW(_name, _needs, _control, _status, ...)                             \
	REFUSED(ROW_HEADING, _name, _needs, _control, _status, __VA_ARGS__)
#define EX         NEED_EX
#define BLOCK(...) .words = {__VA_ARGS__}

/* clang-format off */
static const struct check checks[] = {
	/* refusals, of tests/refusals.toml */
#include "refusal_rows.inc"

	{"code_before_reserved_bits", ROW_HEADING, reserved_bits, NULL, 1,
	 NEED_HV},

	/* the input block */
	ROW("offset_8", 0, SPACE, OK, BLOCK(0, ALL), .offset = 8),
	ROW("span_ends_at_page", 0, SPACE, OK, BLOCK(0, ALL),
	    .offset = 4096 - 24),
	ROW("span_509", 0, LIST | COUNT(509), OK, .reps = 509, BLOCK(0, ALL)),
	ROW("span_ex_508", EX, LIST_EX | COUNT(508), OK, .reps = 508, BLOCK(0, ALL)),
	ROW("output_ignored", 0, SPACE, OK, BLOCK(0, ALL),
	    .output = 0xfffffffffffffff1),

	/* flags, masks and sets */
	{"flags_reserved", ROW_HEADING, reserved_flags, NULL, 1, NEED_HV},
	ROW("flags_all_three", 0, SPACE, OK, BLOCK(0, ALL | SPACES | NON_G)),
	ROW("flags_non_global_on_list", 0, LIST | COUNT(1), OK, .reps = 1,
	    BLOCK(0, ALL | NON_G, 0, JUNK)),
	ROW("address_space_any", 0, SPACE, OK, BLOCK(~0ull, ALL)),
	ROW("mask_0_with_all", 0, LIST | COUNT(1), OK, .reps = 1,
	    BLOCK(0, ALL, 0, JUNK)),
	ROW("mask_unknown_vp", 0, SPACE, OK, BLOCK(0, 0, BIT(63))),
	ROW("mask_every_bit", 0, SPACE, OK, BLOCK(0, 0, ~0ull)),
	ROW("set_all", EX, SPACE_EX, OK, BLOCK(0, 0, 1, 0)),
	ROW("set_all_list", EX, LIST_EX | COUNT(1), OK, .reps = 1,
	    BLOCK(0, 0, 1, 0, JUNK)),
	ROW("set_empty", EX, SPACE_EX, OK, BLOCK(0, 0, 0, 0)),
	ROW("set_empty_list", EX, LIST_EX | COUNT(2), OK, .reps = 2,
	    BLOCK(0, 0, 0, 0, JUNK, JUNK)),
	ROW("set_empty_bank", EX, SPACE_EX | VAR(1), OK, .reps = 0,
	    BLOCK(0, 0, 0, 1, 0)),
	ROW("set_unknown_vps", EX, SPACE_EX | VAR(2), OK, .reps = 0,
	    BLOCK(0, 0, 0, BIT(62) | BIT(63), ~0ull, ~0ull)),
	ROW("set_64_banks", EX, SPACE_EX | VAR(64), OK, .reps = 0,
	    BLOCK(0, 0, 0, ~0ull, 1, 1, 1, 1)),

	/* ranges: no value is refused */
	ROW("range_non_canonical", 0, LIST | COUNT(3), OK, .reps = 3,
	    BLOCK(0, ALL, 0, JUNK, HOLE, ~HOLE & ~0xfffull)),
	ROW("range_into_the_hole", 0, LIST | COUNT(1), OK, .reps = 1,
	    BLOCK(0, ALL, 0, HOLE - 0x1000 + 0xfff)),
	ROW("range_wraps", 0, LIST | COUNT(1), OK, .reps = 1,
	    BLOCK(0, ALL, 0, ~0ull)),
	ROW("range_4096_pages", 0, LIST | COUNT(1), OK, .reps = 1,
	    BLOCK(0, ALL, 0, JUNK | 0xfff)),
	ROW("rep_start_last", 0, LIST | COUNT(5) | START(4), OK, .reps = 5,
	    BLOCK(0, ALL)),
	ROW("rep_start_ex", EX, LIST_EX | COUNT(3) | START(1) | VAR(1), OK, .reps = 3,
	    BLOCK(0, 0, 0, 1, 1, JUNK, JUNK, JUNK)),
	{"rep_start_anywhere", ROW_HEADING, every_rep_start, NULL, 1,
	 NEED_HV},

	/* state of the caller */
	{"if_0", ROW_HEADING, reserved_with_if0, NULL, 1, NEED_HV},
	{"cpl_3", ROW_HEADING, from_user, NULL, 1, NEED_HV},
	{"without_os_id", "TLFS: Reporting the Guest OS Identity",
	 without_os_id, NULL, 1, NEED_HV},
};
/* clang-format on */

SUITE("calls", 040, checks);
