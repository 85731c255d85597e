/* SPDX-License-Identifier: MIT */
/*
 * Fast calls and 32-bit callers: the same rows in each form. forms32.c has what
 * only 32-bit callers meet, forms_flush.c that these calls flush.
 */
#include "call/checked.h"
#include "call/flush.h"
#include "call/forms.h"
#include "call/row_words.h"
#include "harness/suite.h"
#include "harness/tap.h"
#include "kernel/cpu.h"
#include "kernel/host.h"
#include "kernel/mem.h"
#include "kernel/page.h"
#include "kernel/vp.h"

#include "tlfs/msr.h"
#include "tlfs/register.h"
#include "x86/cr.h"

#define JUNK  0x00007e0000000000ull
#define DIRTY 0x5eed5eed00000000ull

enum form_kind { MEMORY = 1, FAST = 2 };

struct form_row {
	const char *name;
	u64 control;
	u16 status;
	u16 reps;
	enum form_kind only; /* 0: both kinds */
	u64 words[FORM_QWORDS];
};

/* clang-format off */
static const struct form_row rows[] = {
	{"space",         SPACE, OK, 0, 0, {0, ALL}},
	{"non-global",    SPACE, OK, 0, 0, {0, ALL | NON_G}},
	{"mask",          SPACE, OK, 0, 0, {0, 0, 1}},
	{"mask 0",        SPACE, PARAM, 0, 0, {0, 0, 0}},
	{"flags",         SPACE, PARAM, 0, 0, {0, ALL | BIT(60)}},
	{"low flags",     SPACE, PARAM, 0, 0, {0, ALL | BIT(5)}},
	{"list",          LIST | COUNT(1), OK, 1, 0, {0, ALL, 0, JUNK}},
	{"list of 11",    LIST | COUNT(11), OK, 11, 0, {0, ALL, 0, JUNK, JUNK}},
	{"list start",    LIST | COUNT(9) | START(8), OK, 9, 0, {0, 0, 1, JUNK}},
	{"list mask 0",   LIST | COUNT(2), PARAM, 0, 0, {0, 0, 0, JUNK}},
	{"list of 12",    LIST | COUNT(12), OK, 12, MEMORY, {0, ALL}},
	{"list of 12",    LIST | COUNT(12), INPUT, 0, FAST, {0, ALL}},
	{"list of 4095",  LIST | COUNT(4095), INPUT, 0, FAST, {0, ALL}},
	{"12, start 11",  LIST | COUNT(12) | START(11), INPUT, 11, FAST, {0, ALL}},
	{"set of all",    SPACE_EX, OK, 0, 0, {0, 0, 1}},
	{"set of none",   SPACE_EX, OK, 0, 0, {0, 0, 0}},
	{"format 2",      SPACE_EX, PARAM, 0, 0, {0, 0, 2}},
	{"format high",   SPACE_EX, PARAM, 0, 0, {0, 0, BIT(33)}},
	{"bank",          SPACE_EX | VAR(1), OK, 0, 0, {0, 0, 0, 1, 1}},
	{"10 banks",      SPACE_EX | VAR(10), OK, 0, 0, {0, 0, 0, 0x3ff, 1}},
	{"11 banks",      SPACE_EX | VAR(11), INPUT, 0, FAST, {0, 0, 0, 0x7ff, 1}},
	{"bank missing",  SPACE_EX | VAR(1), INPUT, 0, 0, {0, 0, 0, 3, 1}},
	{"ex list",       LIST_EX | COUNT(2) | VAR(1), OK, 2, 0,
			  {0, 0, 0, 1, 1, JUNK, JUNK}},
	{"ex list of 10", LIST_EX | COUNT(10), OK, 10, 0, {0, ALL}},
	{"ex list of 11", LIST_EX | COUNT(11), INPUT, 0, FAST, {0, ALL}},
	{"ex list, 9+1",  LIST_EX | COUNT(9) | VAR(1), OK, 9, 0, {0, 0, 0, 1, 1}},
	{"ex list, 9+2",  LIST_EX | COUNT(9) | VAR(2), INPUT, 0, FAST,
			  {0, 0, 0, 3, 1, 1}},
	{"unknown code",  0x7ffe, CODE, 0, 0, {0}},
	{"reserved",      SPACE | BIT(63), INPUT, 0, 0, {0, ALL}},
	{"reserved low",  SPACE | BIT(27), INPUT, 0, 0, {0, ALL}},
	{"nested",        SPACE | HV_CONTROL_NESTED, INPUT, 0, 0, {0, ALL}},
	{"simple count",  SPACE | COUNT(1), INPUT, 0, 0, {0, ALL}},
	{"simple start",  SPACE | START(1), INPUT, 0, 0, {0, ALL}},
	{"list of 0",     LIST, INPUT, 0, 0, {0, ALL}},
	{"start = count", LIST | COUNT(3) | START(3), INPUT, 0, 0, {0, ALL}},
	{"header",        LIST | COUNT(1) | VAR(1), INPUT, 0, 0, {0, ALL}},
};
/* clang-format on */

static void expect(const struct form_row *row, const struct hypercall_result *r)
{
	hypercall_expect(r, row->status);
	tap_equal(row->name, r->rax & HV_RESULT_STATUS, row->status);
	tap_equal(row->name, r->reps, row->reps);
}

static void run_rows(form_fn *form, enum form_kind kind)
{
	forms_begin();
	for (u32 i = 0; i < ARRAY_SIZE(rows); i++) {
		u64 block[FORM_QWORDS];
		struct hypercall_result r;

		if (rows[i].only != 0 && rows[i].only != kind) {
			continue;
		}
		memcpy(block, rows[i].words, sizeof(block));
		r = form(rows[i].control, block);
		expect(&rows[i], &r);
		tap_equal("registers of the block changed",
			  (u64)memcmp(block, rows[i].words, sizeof(block)), 0);
	}
}

#define DEFINE_FORM(_name, _kind)                                              \
	static void _name##_rows(const void *arg)                              \
	{                                                                      \
		(void)arg;                                                     \
		run_rows(forms_##_name, _kind);                                \
	}
DEFINE_FORM(fast, FAST)
DEFINE_FORM(compat_memory, MEMORY)
DEFINE_FORM(compat_fast, FAST)
DEFINE_FORM(unpaged_memory, MEMORY)
DEFINE_FORM(unpaged_fast, FAST)
DEFINE_FORM(pae_memory, MEMORY)
DEFINE_FORM(pae_fast, FAST)
DEFINE_FORM(classic_memory, MEMORY)
DEFINE_FORM(classic_fast, FAST)

/* Words after the block are ignored, and stay. */
static void surplus_ignored(const void *arg)
{
	u64 block[FORM_QWORDS] = {0, ALL, 0};
	u64 sum = 0;
	struct hypercall_result r;

	(void)arg;
	forms_begin();
	for (u32 i = 3; i < FORM_QWORDS; i++) {
		block[i] = DIRTY + i;
		sum += block[i];
	}
	r = forms_fast(SPACE, block);
	hypercall_expect(&r, OK);
	for (u32 i = 3; i < FORM_QWORDS; i++) {
		sum -= block[i];
	}
	tap_equal("surplus", sum, 0);
}

/* CR4.OSFXSR = 0 does not matter: the registers hold the block anyway. */
static void without_osfxsr(const void *arg)
{
	u64 block[FORM_QWORDS] = {0, 0, 1, JUNK};
	struct hypercall_result r;

	(void)arg;
	forms_begin();
	cpu_load_xmm(&block[2]);
	cpu_set_cr4(cpu_cr4() & ~CR4_OSFXSR);
	r = hypercall_checked(LIST | COUNT(1) | HV_CONTROL_FAST, 0, 0);
	forms_begin();
	hypercall_expect(&r, OK);
	tap_equal("reps completed", r.reps, 1);
}

static void compat_without_os_id(const void *arg)
{
	struct hypercall_result r;

	(void)arg;
	cpu_wrmsr(HV_X64_MSR_GUEST_OS_ID, 0);
	r = forms_call32(FORMS_COMPAT, SPACE, page_gpa(vp_self()->input), 0);
	cpu_wrmsr(HV_X64_MSR_GUEST_OS_ID, HOST_OS_ID);
	tap_equal("fault", r.fault.vector, TRAP_UD);
	tap_equal("at the VMCALL", *(u32 *)r.fault.rip & 0xffffff, 0xc1010f);
}

static void compat_not_offered(const void *arg)
{
	u64 block[FORM_QWORDS] = {0, ALL};
	struct hypercall_result r;

	(void)arg;
	forms_begin();
	r = forms_compat_fast(SPACE, block);
	tap_equal("fault", r.fault.vector, TRAP_UD);
	tap_equal("at the VMCALL", *(u32 *)r.fault.rip & 0xffffff, 0xc1010f);
}

static void real_mode(const void *arg)
{
	(void)arg;
	tap_equal("#UD at the VMCALL", forms_real_mode(1), 0xd);
}

/* 0x0052: 32 bytes of input, so XMM1 has the output: result, page. */
static void output_in_xmm(const void *arg)
{
	u64 block[FORM_QWORDS] = {HV_PARTITION_ID_SELF, vp_self()->index,
				  HV_TRANSLATE_READ, 0x100};
	struct hypercall_result r;

	(void)arg;
	forms_begin();
	for (u32 i = 4; i < FORM_QWORDS; i++) {
		block[i] = DIRTY + i;
	}
	r = forms_fast(HV_CALL_TRANSLATE_VIRTUAL_ADDRESS, block);
	hypercall_expect(&r, OK);
	tap_equal("XMM0", block[2], HV_TRANSLATE_READ);
	tap_equal("XMM0, high", block[3], 0x100);
	tap_equal("result code", block[4] & 0xffffffff, 0);
	tap_equal("page", block[5], 0x100);
	for (u32 i = 6; i < FORM_QWORDS; i++) {
		tap_equal("others", block[i], DIRTY + i);
	}
}

/* A refused call leaves the output registers as they were. */
static void output_of_refused(const void *arg)
{
	u64 block[FORM_QWORDS] = {HV_PARTITION_ID_SELF, 0xfff00,
				  HV_TRANSLATE_READ, 0x100};
	struct hypercall_result r;

	(void)arg;
	forms_begin();
	block[4] = DIRTY;
	r = forms_fast(HV_CALL_TRANSLATE_VIRTUAL_ADDRESS, block);
	hypercall_expect(&r, HV_STATUS_INVALID_VP_INDEX);
	tap_equal("XMM1", block[4], DIRTY);
	/* 16 bytes and five elements of 4: output needs 5 pairs, 4 are left */
	r = forms_fast(HV_CALL_GET_VP_REGISTERS | COUNT(5), block);
	hypercall_expect(&r, INPUT);
}

/*
 * TLFS: only 64-bit callers get output in registers, and only where that is
 * offered.
 */
static void output_is_ud(const void *arg)
{
	form_fn *form = *(form_fn *const *)arg;
	u64 block[FORM_QWORDS] = {HV_PARTITION_ID_SELF, vp_self()->index,
				  HV_TRANSLATE_READ, 0x100};
	struct hypercall_result r;

	forms_begin();
	r = form(HV_CALL_TRANSLATE_VIRTUAL_ADDRESS, block);
	tap_equal("fault", r.fault.vector, TRAP_UD);
}

static form_fn *const fast = forms_fast;
static form_fn *const compat_fast = forms_compat_fast;

#define XMM        "TLFS: XMM Fast Hypercall Input"
#define XMM_OUT    "TLFS: XMM Fast Hypercall Output"
#define MAPPING    "TLFS: Register Mapping for Hypercall Inputs"
#define LEGAL      "TLFS: Legal Hypercall Environments"
#define FAST_NEEDS (NEED_HV | NEED_EX | NEED_XMM)
#define OUT_NEEDS  (FAST_NEEDS | NEED_REGISTERS | NEED_XMM_OUTPUT)

/* clang-format off */
static const struct check checks[] = {
	{"fast", XMM, fast_rows, NULL, 1, FAST_NEEDS},
	{"compat_memory", MAPPING, compat_memory_rows, NULL, 1,
	 NEED_HV | NEED_EX},
	{"compat_fast", XMM, compat_fast_rows, NULL, 1, FAST_NEEDS},
	{"unpaged_memory", MAPPING, unpaged_memory_rows, NULL, 1,
	 NEED_HV | NEED_EX},
	{"unpaged_fast", XMM, unpaged_fast_rows, NULL, 1, FAST_NEEDS},
	{"pae_memory", MAPPING, pae_memory_rows, NULL, 1, NEED_HV | NEED_EX},
	{"pae_fast", XMM, pae_fast_rows, NULL, 1, FAST_NEEDS},
	{"classic_memory", MAPPING, classic_memory_rows, NULL, 1,
	 NEED_HV | NEED_EX},
	{"classic_fast", XMM, classic_fast_rows, NULL, 1, FAST_NEEDS},
	{"surplus_ignored", XMM, surplus_ignored, NULL, 1, FAST_NEEDS},
	{"without_osfxsr", XMM, without_osfxsr, NULL, 1, FAST_NEEDS},
	{"compat_without_os_id", LEGAL, compat_without_os_id, NULL, 1,
	 NEED_HV},
	{"compat_not_offered", XMM, compat_not_offered, NULL, 1,
	 NEED_HV | NEED_NO_XMM},
	{"real_mode", LEGAL, real_mode, NULL, 2, NEED_HV},
	{"output_in_xmm", XMM_OUT, output_in_xmm, NULL, 1, OUT_NEEDS},
	{"output_of_refused", XMM_OUT, output_of_refused, NULL, 1, OUT_NEEDS},
	{"output_compat", XMM_OUT, output_is_ud, &compat_fast, 1, OUT_NEEDS},
	{"output_not_offered", XMM_OUT, output_is_ud, &fast, 1,
	 NEED_HV | NEED_REGISTERS | NEED_NO_XMM_OUTPUT},
};
/* clang-format on */

/*
 * Near the end of the order: leaves XMM registers and CR4.OSFXSR as other
 * suites do not expect them.
 */
SUITE("forms", 270, checks);
