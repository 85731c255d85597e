/* SPDX-License-Identifier: MIT */
/*
 * What only 32-bit callers meet, in each of their modes: halves of registers,
 * EIP, output, and page tables, which only 0x0052 walks here.
 */
#include "call/checked.h"
#include "call/flush.h"
#include "call/forms.h"
#include "call/row_words.h"
#include "harness/suite.h"
#include "harness/tap.h"
#include "kernel/cpu.h"
#include "kernel/mem.h"
#include "kernel/page.h"
#include "kernel/paging32.h"
#include "kernel/smp.h"

#include "tlfs/register.h"
#include "x86/cr.h"
#include "x86/msr.h"
#include "x86/pte.h"

#define WALK HV_CALL_TRANSLATE_VIRTUAL_ADDRESS
#define GET  HV_CALL_GET_VP_REGISTERS
#define SET  HV_CALL_SET_VP_REGISTERS

#define X(name) HV_X64_REGISTER_##name

static enum forms_mode mode_of(const void *arg)
{
	return *(const enum forms_mode *)arg;
}

/* The low halves make one GPA of 64 bits; the high halves are ignored. */
static void halves(const void *arg)
{
	enum forms_mode mode = mode_of(arg);
	u64 *block = (u64 *)vp_self()->input;
	u64 gpa = page_gpa(block);
	struct hypercall_result r;

	block[0] = 0;
	block[1] = HV_FLUSH_ALL_PROCESSORS;
	block[2] = 0;
	r = forms_call32(mode, SPACE, gpa, ~0ull);
	hypercall_expect(&r, OK);
	r = forms_call32(mode, SPACE, gpa | BIT(32), 0);
	hypercall_expect(&r, HV_STATUS_INVALID_ALIGNMENT);
	r = forms_call32(mode, SPACE, gpa + 4, 0);
	hypercall_expect(&r, HV_STATUS_INVALID_ALIGNMENT);
	r = forms_call32(mode, SPACE | BIT(44), gpa, 0);
	hypercall_expect(&r, HV_STATUS_INVALID_HYPERCALL_INPUT);
	r = forms_call32(mode, LIST | COUNT(510), gpa, 0);
	hypercall_expect(&r, HV_STATUS_INVALID_ALIGNMENT);
}

static void output(const void *arg)
{
	enum forms_mode mode = mode_of(arg);
	struct guest_cpu *vp = vp_self();
	struct lethe_test_input *in = (struct lethe_test_input *)vp->input;
	struct lethe_test_output *out = (struct lethe_test_output *)vp->output;
	struct hypercall_result r;

	in->vp_index = vp->index;
	in->reserved = 0;
	out->tsc = 0;
	r = forms_call32(mode, LETHE_CALL_TEST_READ, page_gpa(in),
			 page_gpa(out));
	hypercall_expect(&r, OK);
	tap_true("output came", out->tsc != 0);
	out->tsc = 0;
	r = forms_call32(mode, LETHE_CALL_TEST_READ, page_gpa(in),
			 page_gpa(out) | BIT(32));
	hypercall_expect(&r, HV_STATUS_INVALID_ALIGNMENT);
	tap_equal("output", out->tsc, 0);
}

static const struct hv_vp_registers own = {.partition_id = HV_PARTITION_ID_SELF,
					   .vp_index = HV_VP_INDEX_SELF};

/* 0x0050 shows the mode. */
static void registers(const void *arg)
{
	static const u32 names[] = {X(CR0), X(CR4), X(EFER), X(CS)};
	static const struct {
		bool paging, pae, ia32e;
	} wanted[] = {
		[FORMS_COMPAT] = {true, true, true},
		[FORMS_UNPAGED] = {false, true, false},
		[FORMS_PAE] = {true, true, false},
		[FORMS_CLASSIC] = {true, false, false},
	};
	enum forms_mode mode = mode_of(arg);
	struct guest_cpu *vp = vp_self();
	struct hv_register_value *value = (void *)vp->output;
	struct hypercall_result r;

	memcpy(vp->input, &own, sizeof(own));
	memcpy(vp->input + sizeof(own), names, sizeof(names));
	memset(vp->output, 0xee, PAGE_SIZE);
	r = forms_call32(mode, GET | COUNT(ARRAY_SIZE(names)),
			 page_gpa(vp->input), page_gpa(vp->output));
	hypercall_expect(&r, OK);
	tap_equal("reps completed", r.reps, ARRAY_SIZE(names));
	tap_equal("CR0.PG", (value[0].low & CR0_PG) != 0, wanted[mode].paging);
	tap_equal("CR4.PAE", (value[1].low & CR4_PAE) != 0, wanted[mode].pae);
	tap_equal("EFER.LMA", (value[2].low & EFER_LMA) != 0,
		  wanted[mode].ia32e);
	tap_equal("CS", value[3].high >> 32, 0xc09bull << 16 | 0x18);
}

/* If the value were cut to EIP, the caller would go on at 0, 1, 2. */
static void eip_is_not_cut(const void *arg)
{
	enum forms_mode mode = mode_of(arg);
	struct guest_cpu *vp = vp_self();

	for (u32 i = 0; i < 4; i++) {
		struct hv_register_assoc assoc = {.name = X(RIP),
						  .value = {BIT(32) + i, 0}};
		struct hypercall_result r;

		memcpy(vp->input, &own, sizeof(own));
		memcpy(vp->input + sizeof(own), &assoc, sizeof(assoc));
		r = forms_call32(mode, SET | COUNT(1), page_gpa(vp->input), 0);
		hypercall_expect(&r, HV_STATUS_INVALID_REGISTER_VALUE);
	}
}

/* ---- translations ---- */

#define READ        HV_TRANSLATE_READ
#define WRITE       HV_TRANSLATE_WRITE
#define EXEC        HV_TRANSLATE_EXECUTE
#define SET_BITS    HV_TRANSLATE_SET_PTE_BITS
#define OUTSIDE     BIT(62) /* in `entry`: names memory after RAM instead */
#define SLOT        5
#define LARGE_GPA   (8 * MIB) /* no access uses it */
#define IN_LARGE    0x123000u /* offset, in both sizes */
#define PAGE        (PTE_P | PTE_W)
#define LARGE       (PTE_P | PTE_W | PTE_PS)
#define AD          (PTE_ACCESSED | PTE_DIRTY)
#define FINE        HV_TRANSLATE_SUCCESS
#define NOT_PRESENT HV_TRANSLATE_PAGE_NOT_PRESENT
#define DENIED      HV_TRANSLATE_PRIVILEGE_VIOLATION
#define BAD_FLAGS   HV_TRANSLATE_INVALID_PAGE_TABLE_FLAGS
#define UNMAPPED    HV_TRANSLATE_GPA_UNMAPPED

struct walk32_row {
	u64 entry;
	u64 flags;   /* of the call */
	u64 changed; /* bits that the call must set in the entry */
	u32 code;
	bool nxe; /* with EFER.NXE = 1 */
};

/* clang-format off */
static const struct walk32_row both_rows[] = {
	{PAGE,           READ | WRITE | EXEC, 0, FINE, false},
	{PAGE | PTE_U,   READ,                0, FINE, false},
	{PTE_P,          READ,                0, FINE, false},
	{PTE_P,          WRITE,               0, DENIED, false},
	{PTE_W,          READ,                0, NOT_PRESENT, false},
	{PAGE | OUTSIDE, READ,                0, UNMAPPED, false},
	{PAGE,           READ | SET_BITS,     PTE_ACCESSED, FINE, false},
	{PAGE,           WRITE | SET_BITS,    AD, FINE, false},
	{PTE_P,          WRITE | SET_BITS,    0, DENIED, false},
};
static const struct walk32_row both_large_rows[] = {
	{LARGE,            READ | WRITE | EXEC, 0, FINE, false},
	{LARGE | PTE_G,    READ,                0, FINE, false},
	{LARGE & ~PTE_W,   WRITE,               0, DENIED, false},
	{LARGE & ~PTE_P,   READ,                0, NOT_PRESENT, false},
	{LARGE,            READ | SET_BITS,     PTE_ACCESSED, FINE, false},
	{LARGE,            WRITE | SET_BITS,    AD, FINE, false},
};
static const struct walk32_row pae_rows[] = {
	{PAGE | PTE_NX,  READ,        0, BAD_FLAGS, false},
	{PAGE | PTE_NX,  READ,        0, FINE, true},
	{PAGE | PTE_NX,  EXEC,        0, DENIED, true},
	{PAGE | BIT(52), READ,        0, BAD_FLAGS, false},
	{PAGE | BIT(61), READ,        0, BAD_FLAGS, true},
};
static const struct walk32_row pae_large_rows[] = {
	{LARGE | BIT(13),  READ,      0, BAD_FLAGS, false},
	{LARGE | BIT(20),  READ,      0, BAD_FLAGS, false},
	{LARGE | PTE_NX,   READ,      0, BAD_FLAGS, false},
	{LARGE | PTE_NX,   EXEC,      0, DENIED, true},
	{LARGE | OUTSIDE,  READ,      0, UNMAPPED, false},
};
static const struct walk32_row classic_large_rows[] = {
	{LARGE | BIT(21),  READ,      0, BAD_FLAGS, false},
	{LARGE | BIT(13),  READ,      0, UNMAPPED, false}, /* 4 GiB more */
};
/* clang-format on */

struct walk32_rows {
	const struct walk32_row *row;
	u32 count;
	bool is_large;
};

static u64 frame_of(u64 entry, bool is_large)
{
	static u64 frame;

	if (frame == 0) {
		frame = page_gpa(page_alloc(PAGE_SIZE));
	}
	if (entry & OUTSIDE) {
		return (page_memory_end() + PAGE_LARGE - 1) & ~(PAGE_LARGE - 1);
	}
	return is_large ? LARGE_GPA : frame;
}

static struct hypercall_result translate(enum forms_mode mode, u32 gva,
					 u64 flags)
{
	struct guest_cpu *vp = vp_self();
	struct hv_translate input = {.partition_id = HV_PARTITION_ID_SELF,
				     .vp_index = HV_VP_INDEX_SELF,
				     .flags = flags,
				     .gva_page = gva >> PAGE_SHIFT};

	memcpy(vp->input, &input, sizeof(input));
	memset(vp->output, 0xee, sizeof(struct hv_translate_output));
	return forms_call32(mode, WALK, page_gpa(vp->input),
			    page_gpa(vp->output));
}

static void expect(const struct hypercall_result *r, u32 code, u64 gpa)
{
	const struct hv_translate_output *out = (void *)vp_self()->output;

	hypercall_expect(r, OK);
	tap_equal("result code",
		  FIELD_GET(HV_TRANSLATE_RESULT_CODE, out->result), code);
	tap_equal("GPA page", out->gpa_page,
		  code == FINE ? gpa >> PAGE_SHIFT : 0);
}

static void run_row(enum paging32 kind, const struct walk32_row *row,
		    bool is_large)
{
	enum forms_mode mode = kind == PAGING32_PAE ? FORMS_PAE : FORMS_CLASSIC;
	u32 offset = is_large ? IN_LARGE : 0;
	u64 frame = frame_of(row->entry, is_large);
	u64 entry = (row->entry & ~OUTSIDE) | frame;
	u64 next = paging32_get(kind, is_large, SLOT + 1);
	u64 efer = cpu_rdmsr(MSR_IA32_EFER);
	struct hypercall_result r;

	paging32_set(kind, is_large, SLOT, entry);
	if (row->nxe) {
		cpu_wrmsr(MSR_IA32_EFER, efer | EFER_NXE);
	}
	r = translate(mode, paging32_address(kind, is_large, SLOT) + offset,
		      row->flags);
	cpu_wrmsr(MSR_IA32_EFER, efer);
	expect(&r, row->code, frame + offset);
	tap_equal("entry", paging32_get(kind, is_large, SLOT),
		  entry | row->changed);
	tap_equal("next entry", paging32_get(kind, is_large, SLOT + 1), next);
	paging32_set(kind, is_large, SLOT, 0);
}

#define ROWS(_rows, _is_large)                                                 \
	{                                                                      \
		_rows, ARRAY_SIZE(_rows), _is_large                            \
	}

static void walk_pae(const void *arg)
{
	static const struct walk32_rows all[] = {
		ROWS(both_rows, false), ROWS(both_large_rows, true),
		ROWS(pae_rows, false), ROWS(pae_large_rows, true)};

	(void)arg;
	for (u32 i = 0; i < ARRAY_SIZE(all); i++) {
		for (u32 k = 0; k < all[i].count; k++) {
			run_row(PAGING32_PAE, &all[i].row[k], all[i].is_large);
		}
	}
}

static void walk_classic(const void *arg)
{
	static const struct walk32_rows all[] = {
		ROWS(both_rows, false), ROWS(both_large_rows, true),
		ROWS(classic_large_rows, true)};

	(void)arg;
	for (u32 i = 0; i < ARRAY_SIZE(all); i++) {
		for (u32 k = 0; k < all[i].count; k++) {
			run_row(PAGING32_CLASSIC, &all[i].row[k],
				all[i].is_large);
		}
	}
}

/* The code itself: mapped one to one in all modes, or paging is off. */
static void translate_kernel(const void *arg)
{
	u32 gva = (u32)(u64)smp_vps & (u32)PAGE_MASK;
	struct hypercall_result r =
		translate(mode_of(arg), gva, READ | WRITE | EXEC);

	expect(&r, FINE, gva);
}

#define MAPPING     "TLFS: Register Mapping for Hypercall Inputs"
#define REGISTERS   "TLFS: HvCallGetVpRegisters, HvCallSetVpRegisters"
#define TRANSLATION "TLFS: HvCallTranslateVirtualAddress"

static const enum forms_mode compat = FORMS_COMPAT;
static const enum forms_mode unpaged = FORMS_UNPAGED;
static const enum forms_mode pae = FORMS_PAE;
static const enum forms_mode classic = FORMS_CLASSIC;

/* clang-format off */
#define CHECK(_mode, _name, _heading, _fn, _needs)                             \
	{#_mode "_" #_name, _heading, _fn, &(_mode), 1, NEED_HV | (_needs)}
#define EACH_MODE(_name, _heading, _fn, _needs)                                \
	CHECK(compat,  _name, _heading, _fn, _needs),                          \
	CHECK(unpaged, _name, _heading, _fn, _needs),                          \
	CHECK(pae,     _name, _heading, _fn, _needs),                          \
	CHECK(classic, _name, _heading, _fn, _needs)

static const struct check checks[] = {
	EACH_MODE(halves,    MAPPING,     halves,           0),
	EACH_MODE(output,    MAPPING,     output,           NEED_TEST_CALL),
	EACH_MODE(registers, REGISTERS,   registers,        NEED_REGISTERS),
	EACH_MODE(eip,       REGISTERS,   eip_is_not_cut,   NEED_REGISTERS),
	EACH_MODE(translate, TRANSLATION, translate_kernel, NEED_REGISTERS),
	{"pae_walk", TRANSLATION, walk_pae, NULL, 1, NEED_HV | NEED_REGISTERS},
	{"classic_walk", TRANSLATION, walk_classic, NULL, 1,
	 NEED_HV | NEED_REGISTERS},
};
/* clang-format on */

SUITE("forms", 280, checks);
