/* SPDX-License-Identifier: MIT */
/*
 * Each status of 0x0050, 0x0051 and 0x0052; each row is a check. None of these
 * calls may leave a VP inhibited.
 */
#include "call/checked.h"
#include "call/registers.h"
#include "call/row_words.h"
#include "harness/suite.h"
#include "harness/tap.h"
#include "kernel/host.h"
#include "kernel/mem.h"
#include "kernel/page.h"
#include "kernel/vp.h"

#define GET  HV_CALL_GET_VP_REGISTERS
#define SET  HV_CALL_SET_VP_REGISTERS
#define WALK HV_CALL_TRANSLATE_VIRTUAL_ADDRESS

#define DENIED  HV_STATUS_ACCESS_DENIED
#define NO_PART HV_STATUS_INVALID_PARTITION_ID
#define NO_VP   HV_STATUS_INVALID_VP_INDEX
#define VALUE   HV_STATUS_INVALID_REGISTER_VALUE

#define SELF    HV_PARTITION_ID_SELF
#define ME      HV_VP_INDEX_SELF
#define NAME    HV_REGISTER_INTERCEPT_SUSPEND
#define VTL(v)  ((u64)(v) << 32)
#define R       HV_TRANSLATE_READ
#define LOCK    HV_TRANSLATE_FLUSH_INHIBIT
#define GVA     0x100 /* page number: 1 MiB, the kernel */
#define OUTSIDE (~0u)

struct registers_row {
	u64 control;
	u16 status;
	u16 reps;
	u64 words[10];
	u32 out; /* offset in the output page; OUTSIDE: after RAM */
};

static void run_row(const void *arg)
{
	const struct registers_row *row = arg;
	struct guest_cpu *vp = vp_self();
	struct hypercall_result r;
	u64 out = page_gpa(vp->output) + row->out;

	if (row->out == OUTSIDE) {
		out = page_memory_end();
	}
	memset(vp->output, 0xee, PAGE_SIZE);
	memcpy(vp->input, row->words, sizeof(row->words));
	r = hypercall_checked(row->control, page_gpa(vp->input), out);
	hypercall_expect(&r, row->status);
	tap_equal("reps completed", r.reps, row->reps);
	if (host_get()->has_vp_registers) {
		tap_equal("InterceptSuspend", registers_get(0), 0);
	}
}

/* Clears the bits together and one by one; the others stay. */
static void clear_bits(const void *arg)
{
	(void)arg;
	registers_inhibit(0);
	tap_equal("register", registers_get(0), HV_INTERCEPT_TLB_INHIBIT);
	tap_equal("a bit that is 0", registers_set(0, HV_INTERCEPT_SUSPENDED),
		  HV_STATUS_INVALID_REGISTER_VALUE);
	tap_equal("nothing changed", registers_get(0),
		  HV_INTERCEPT_TLB_INHIBIT);
	tap_equal("same value", registers_set(0, HV_INTERCEPT_TLB_INHIBIT), OK);
	tap_equal("nothing changed", registers_get(0),
		  HV_INTERCEPT_TLB_INHIBIT);
	registers_release(0);
	tap_equal("register", registers_get(0), 0);
	registers_release(0);
}

#define ROW(_name, _needs, _control, _status, ...)                             \
	{                                                                      \
		_name, "TLFS: HvCallGetVpRegisters and its kin", run_row,      \
			&(const struct registers_row){.control = _control,     \
						      .status = _status,       \
						      __VA_ARGS__},            \
			1, NEED_HV | _needs                                    \
	}
#define REGS(_name, _control, _status, ...)                                    \
	ROW(_name, NEED_REGISTERS, _control, _status, __VA_ARGS__)
#define WORDS(...) .words = {__VA_ARGS__}

/* clang-format off */
static const struct check checks[] = {
	ROW("get_denied", NEED_NO_REGISTERS, GET | COUNT(1), DENIED,
	    WORDS(SELF, ME, NAME)),
	ROW("set_denied", NEED_NO_REGISTERS, SET | COUNT(1), DENIED,
	    WORDS(SELF, ME, NAME)),
	ROW("translate_denied", NEED_NO_REGISTERS, WALK, DENIED,
	    WORDS(SELF, ME, R | LOCK, GVA)),

	REGS("get", GET | COUNT(1), OK, .reps = 1,
	     WORDS(SELF, ME, NAME)),
	REGS("get_vp_0", GET | COUNT(1), OK, .reps = 1, WORDS(SELF, 0, NAME)),
	REGS("get_partition_1", GET | COUNT(1), OK, .reps = 1,
	     WORDS(1, 0, NAME)),
	REGS("get_twice", GET | COUNT(2), OK, .reps = 2,
	     WORDS(SELF, 0, NAME | (u64)NAME << 32)),
	REGS("get_start_1", GET | COUNT(2) | START(1), OK, .reps = 2,
	     WORDS(SELF, 0, (u64)NAME << 32)),
	REGS("get_second_unknown", GET | COUNT(2), PARAM, .reps = 1,
	     WORDS(SELF, 0, NAME | 2ull << 32)),
	REGS("get_unknown", GET | COUNT(1), PARAM, WORDS(SELF, 0, 2)),
	REGS("get_partition_0", GET | COUNT(1), NO_PART, WORDS(0, 0, NAME)),
	REGS("get_partition_9", GET | COUNT(1), NO_PART, WORDS(9, 0, NAME)),
	REGS("get_vp_4095", GET | COUNT(1), NO_VP, WORDS(SELF, 4095, NAME)),
	REGS("get_vp_any", GET | COUNT(1), NO_VP,
	     WORDS(SELF, 0xffffffff, NAME)),
	REGS("get_vtl_1", GET | COUNT(1), PARAM,
	     WORDS(SELF, VTL(0x11), NAME)),
	REGS("get_reserved_vtl", GET | COUNT(1), PARAM,
	     WORDS(SELF, VTL(0x20), NAME)),
	REGS("get_count_0", GET, INPUT, WORDS(SELF, 0, NAME)),
	REGS("get_var", GET | COUNT(1) | VAR(1), INPUT, WORDS(SELF, 0, NAME)),
	REGS("get_out_alignment", GET | COUNT(1), ALIGN, .out = 4,
	     WORDS(SELF, 0, NAME)),
	REGS("get_out_crosses", GET | COUNT(2), ALIGN, .out = 4096 - 24,
	     WORDS(SELF, 0, NAME | (u64)NAME << 32)),
	REGS("get_out_outside", GET | COUNT(1), ALIGN, .out = OUTSIDE,
	     WORDS(SELF, 0, NAME)),

	REGS("set_0", SET | COUNT(1), OK, .reps = 1,
	     WORDS(SELF, ME, NAME)),
	REGS("set_twice", SET | COUNT(2), OK, .reps = 2,
	     WORDS(SELF, 0, NAME, 0, 0, 0, NAME)),
	REGS("set_suspended", SET | COUNT(1), VALUE,
	     WORDS(SELF, 0, NAME, 0, HV_INTERCEPT_SUSPENDED)),
	REGS("set_inhibit", SET | COUNT(1), VALUE,
	     WORDS(SELF, 0, NAME, 0, HV_INTERCEPT_TLB_INHIBIT)),
	REGS("set_bit_2", SET | COUNT(1), VALUE, WORDS(SELF, 0, NAME, 0, 4)),
	REGS("set_high", SET | COUNT(1), VALUE,
	     WORDS(SELF, 0, NAME, 0, 0, 1)),
	REGS("set_reserved", SET | COUNT(1), PARAM,
	     WORDS(SELF, 0, NAME | 1ull << 32)),
	REGS("set_unknown", SET | COUNT(1), PARAM, WORDS(SELF, 0, 7)),
	REGS("set_second_refused", SET | COUNT(2), VALUE, .reps = 1,
	     WORDS(SELF, 0, NAME, 0, 0, 0, NAME, 0, 2)),
	REGS("set_partition_9", SET | COUNT(1), NO_PART, WORDS(9, 0, NAME)),
	REGS("set_vp_4095", SET | COUNT(1), NO_VP, WORDS(SELF, 4095, NAME)),
	REGS("set_vtl_1", SET | COUNT(1), PARAM,
	     WORDS(SELF, VTL(0x11), NAME)),
	REGS("set_count_0", SET, INPUT, WORDS(SELF, 0, NAME)),
	/* the call has no output, so R8 is ignored */
	REGS("set_out_ignored", SET | COUNT(1), OK, .reps = 1, .out = 3,
	     WORDS(SELF, 0, NAME)),

	REGS("translate", WALK, OK, WORDS(SELF, ME, R, GVA)),
	REGS("translate_count", WALK | COUNT(1), INPUT,
	     WORDS(SELF, ME, R, GVA)),
	REGS("translate_no_access", WALK, PARAM,
	     WORDS(SELF, ME, LOCK, GVA)),
	REGS("translate_flag_40", WALK, PARAM,
	     WORDS(SELF, ME, R | LOCK | 0x40, GVA)),
	REGS("translate_vtl_1", WALK, PARAM,
	     WORDS(SELF, ME, R | LOCK | 0x11ull << 56, GVA)),
	REGS("translate_partition_9", WALK, NO_PART,
	     WORDS(9, 0, R | LOCK, GVA)),
	REGS("translate_vp_4095", WALK, NO_VP,
	     WORDS(SELF, 4095, R | LOCK, GVA)),
	REGS("translate_out_alignment", WALK, ALIGN, .out = 4,
	     WORDS(SELF, ME, R | LOCK, GVA)),
	REGS("translate_out_crosses", WALK, ALIGN, .out = 4096 - 8,
	     WORDS(SELF, ME, R | LOCK, GVA)),
	REGS("translate_out_outside", WALK, ALIGN, .out = OUTSIDE,
	     WORDS(SELF, ME, R | LOCK, GVA)),
	{"clear_bits", "TLFS: HvRegisterInterceptSuspend", clear_bits, NULL, 1,
	 NEED_HV | NEED_REGISTERS},
};
/* clang-format on */

SUITE("inhibit", 150, checks);
