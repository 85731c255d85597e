/* SPDX-License-Identifier: MIT */
/*
 * Where a memory operand lies: base, index and displacement by address size,
 * then the segment. SDM 3C, "Instruction-Information Field", the table for
 * INVEPT, INVPCID and INVVPID.
 */
#include "core/vp/operand.h"

#include "support/check.h"
#include "support/fake_vmcs.h"
#include "support/soft_tlb.h"
#include "x86/cr.h"
#include "x86/exception.h"
#include "x86/msr.h"

/* The information, by the bits of the SDM's table */
#define SCALE(n)   ((u64)(n))
#define SIZE(n)    ((u64)(n) << 7)
#define SEGMENT(n) ((u64)(n) << 15)
#define INDEX(n)   ((u64)(n) << 18)
#define NO_INDEX   (1ull << 22)
#define BASE(n)    ((u64)(n) << 23)
#define NO_BASE    (1ull << 27)
#define TYPE(n)    ((u64)(n) << 28)

enum { SIZE_16, SIZE_32, SIZE_64 };
enum { ES, CS, SS, DS, FS, GS, SEGMENTS };

#define LEN 16

/* Access rights: SDM 3C, "Format of Access Rights" */
#define DATA          0xc093
#define READ_ONLY     0xc091
#define DOWN          0xc097 /* expand-down, ends at 4 GiB */
#define DOWN_16       0x0097 /* expand-down, ends at 64 KiB */
#define CODE_32       0xc09b
#define CODE_64       0xa09b
#define EXECUTE_ONLY  0xc099
#define CONFORMING    0xc09f /* its bit 2 is not that of expand-down */
#define UNUSABLE      0x10000
#define NOT_CANONICAL BIT(47)

static struct vp *vp;

static void setup(bool is_64bit)
{
	fake_reset();
	fake_vmcs_reset();
	vp = fake_partition(1, 1)->vps[0];
	port_vmcs_set(VMCS_GUEST_CR0, CR0_PE | CR0_PG);
	port_vmcs_set(VMCS_GUEST_EFER, is_64bit ? EFER_LME | EFER_LMA : 0);
	for (u32 i = 0; i < SEGMENTS; i++) {
		port_vmcs_set(VMCS_GUEST_ES_BASE + 2 * i, 0x100000ull * i);
		port_vmcs_set(VMCS_GUEST_ES_LIMIT + 2 * i, 0xffffffff);
		port_vmcs_set(VMCS_GUEST_ES_ACCESS + 2 * i, DATA);
	}
	port_vmcs_set(VMCS_GUEST_CS_ACCESS, is_64bit ? CODE_64 : CODE_32);
	for (u32 i = 0; i < GPR_COUNT; i++) {
		vp->own.gpr[i] = 0x1000ull * (i + 1);
	}
	/* RSP is in the VMCS */
	vp->own.gpr[GPR_RSP] = 0xbad000;
	port_vmcs_set(VMCS_GUEST_RSP, 0x5000);
}

static void set_segment(u32 which, u64 base, u64 limit, u64 access)
{
	port_vmcs_set(VMCS_GUEST_ES_BASE + 2 * which, base);
	port_vmcs_set(VMCS_GUEST_ES_LIMIT + 2 * which, limit);
	port_vmcs_set(VMCS_GUEST_ES_ACCESS + 2 * which, access);
}

static void is_at(const char *name, u64 info, u64 displacement, u64 want)
{
	struct operand operand = {info, displacement, LEN};
	gva_t at = {0};
	u8 vector;

	check_eq(operand_address(vp, &operand, &at, &vector), true, name,
		 __FILE__, __LINE__);
	check_eq(at.v, want, name, __FILE__, __LINE__);
}

static void raises(const char *name, u64 info, u64 displacement, u8 want)
{
	struct operand operand = {info, displacement, LEN};
	gva_t at;
	u8 vector = 0;

	check_eq(operand_address(vp, &operand, &at, &vector), false, name,
		 __FILE__, __LINE__);
	check_eq(vector, want, name, __FILE__, __LINE__);
}

/* ---- base, index, displacement ---- */

static const struct {
	const char *name;
	u64 info; /* and DS, 64 bits, unless it says so */
	u64 displacement;
	u64 want;
} forms[] = {
	/* clang-format off */
	{"displacement", NO_BASE | NO_INDEX, 0x1234, 0x1234},
	{"negative displacement", NO_BASE | NO_INDEX, -16ull, -16ull},
	{"RAX", BASE(GPR_RAX) | NO_INDEX, 0, 0x1000},
	{"RBP", BASE(GPR_RBP) | NO_INDEX, 0, 0x6000},
	{"R15", BASE(GPR_R15) | NO_INDEX, 0, 0x10000},
	{"RSP", BASE(GPR_RSP) | NO_INDEX, 0x10, 0x5010},
	{"base and displacement", BASE(GPR_RCX) | NO_INDEX, -0x800ull, 0x1800},
	{"index", NO_BASE | INDEX(GPR_RDX), 0, 0x3000},
	{"index and base", BASE(GPR_RAX) | INDEX(GPR_RDX), 0, 0x4000},
	{"R8 as index", BASE(GPR_RAX) | INDEX(GPR_R8), 0, 0xa000},
	{"scale 2", NO_BASE | INDEX(GPR_RDX) | SCALE(1), 0, 0x6000},
	{"scale 4", NO_BASE | INDEX(GPR_RDX) | SCALE(2), 0, 0xc000},
	{"scale 8", NO_BASE | INDEX(GPR_RDX) | SCALE(3), 0, 0x18000},
	{"all", BASE(GPR_R9) | INDEX(GPR_R10) | SCALE(3), 0x123, 0x62123},
	/* the registers that are not used are still named by some number */
	{"base is unused", NO_BASE | BASE(GPR_RBX) | NO_INDEX, 8, 8},
	{"index is unused", NO_BASE | NO_INDEX | INDEX(GPR_RBX) | SCALE(3), 8, 8},
	{"register operand is no part", NO_BASE | NO_INDEX | TYPE(15), 8, 8},
	/* clang-format on */
};

static void t_address_of_each_form(void)
{
	setup(true);
	for (u32 i = 0; i < ARRAY_SIZE(forms); i++) {
		is_at(forms[i].name,
		      forms[i].info | SEGMENT(DS) | SIZE(SIZE_64),
		      forms[i].displacement, forms[i].want);
	}
}

/* The sum is cut to the address size, not its parts. */
static void t_address_size_cuts_the_offset(void)
{
	u64 info = BASE(GPR_RAX) | INDEX(GPR_RDX) | SCALE(1) | SEGMENT(DS);

	setup(true);
	vp->own.gpr[GPR_RAX] = 0x00001234fffffff0;
	vp->own.gpr[GPR_RDX] = 0x20;
	is_at("64", info | SIZE(SIZE_64), 0x100, 0x0000123500000130);
	is_at("32", info | SIZE(SIZE_32), 0x100, 0x130);
	vp->own.gpr[GPR_RAX] = 0xffff;
	is_at("16 bits of address", info | SIZE(SIZE_16), 2, 0x41);
	is_at("negative displacement", info | SIZE(SIZE_32), -0x10ull, 0x1002f);
	/* FS's base is added after that */
	port_vmcs_set(VMCS_GUEST_FS_BASE, 0x7000000000);
	vp->own.gpr[GPR_RAX] = ~0ull;
	is_at("base beyond 4 GiB",
	      BASE(GPR_RAX) | NO_INDEX | SEGMENT(FS) | SIZE(SIZE_32), 2,
	      0x7000000001);
}

static void t_registers_have_32_bits_outside_64bit_mode(void)
{
	setup(false);
	vp->own.gpr[GPR_RBX] = 0x1234567800000010;
	port_vmcs_set(VMCS_GUEST_RSP, 0x1234567800000020);
	set_segment(DS, 0, 0xffffffff, DATA);
	CHECK_EQ(operand_register(vp, GPR_RBX), 0x10);
	CHECK_EQ(operand_register(vp, GPR_RSP), 0x20);
	is_at("EBX", BASE(GPR_RBX) | NO_INDEX | SEGMENT(DS) | SIZE(SIZE_32), 0,
	      0x10);
	setup(true);
	vp->own.gpr[GPR_RBX] = 0x1234567800000010;
	CHECK_EQ(operand_register(vp, GPR_RBX), 0x1234567800000010);
	CHECK_EQ(operand_register(vp, GPR_RSP), 0x5000);
}

/* Compatibility mode: EFER.LMA = 1, but CS.L = 0. */
static void t_compatibility_mode_has_segments(void)
{
	setup(true);
	port_vmcs_set(VMCS_GUEST_CS_ACCESS, CODE_32);
	vp->own.gpr[GPR_RAX] = 0xffffffff00000040;
	is_at("base counts",
	      BASE(GPR_RAX) | NO_INDEX | SEGMENT(DS) | SIZE(SIZE_32), 0,
	      0x300040);
	CHECK_EQ(operand_register(vp, GPR_RAX), 0x40);
}

/* ---- segments ---- */

#define AT NO_BASE | NO_INDEX | SIZE(SIZE_32)

static void t_bases_in_64bit_mode(void)
{
	u64 at = NO_BASE | NO_INDEX | SIZE(SIZE_64);

	setup(true);
	for (u32 i = 0; i < SEGMENTS; i++) {
		/* limits and rights do not count either */
		if (i != CS) {
			set_segment(i, 0x100000ull * i, 0, UNUSABLE);
		}
		is_at("base", at | SEGMENT(i), 0x40,
		      (i >= FS ? 0x100000ull * i : 0) + 0x40);
	}
	port_vmcs_set(VMCS_GUEST_GS_BASE, 0xffff800000000000);
	is_at("high GS", at | SEGMENT(GS), 0x40, 0xffff800000000040);
	is_at("GS wraps", at | SEGMENT(GS), 0x800000000010, 0x10);
}

static void t_bases_in_32bit_mode(void)
{
	setup(false);
	for (u32 i = 0; i < SEGMENTS; i++) {
		is_at("base", AT | SEGMENT(i), 0x40, 0x100000ull * i + 0x40);
	}
	set_segment(DS, 0xfffff000, 0xffffffff, DATA);
	is_at("wraps at 4 GiB", AT | SEGMENT(DS), 0x1234, 0x234);
}

static void t_address_must_be_canonical(void)
{
	static const u64 bad[] = {NOT_CANONICAL, NOT_CANONICAL - LEN + 1,
				  ~NOT_CANONICAL, 0xffff800000000000 - LEN,
				  BIT(63)};
	static const u64 good[] = {NOT_CANONICAL - LEN, 0xffff800000000000,
				   -(u64)LEN, 0};
	u64 at = NO_BASE | NO_INDEX | SIZE(SIZE_64);

	setup(true);
	for (u32 i = 0; i < ARRAY_SIZE(bad); i++) {
		raises("DS", at | SEGMENT(DS), bad[i], X86_VECTOR_GP);
		raises("SS", at | SEGMENT(SS), bad[i], X86_VECTOR_SS);
	}
	for (u32 i = 0; i < ARRAY_SIZE(good); i++) {
		is_at("canonical", at | SEGMENT(SS), good[i], good[i]);
	}
	/* the base makes it so, or not so */
	port_vmcs_set(VMCS_GUEST_FS_BASE, 0x7ffffffff000);
	raises("FS", at | SEGMENT(FS), 0x1000 - LEN + 1, X86_VECTOR_GP);
	is_at("FS", at | SEGMENT(FS), 0x1000 - LEN, NOT_CANONICAL - LEN);
}

static const struct {
	const char *name;
	u64 access;
	u64 limit;
	u64 offset;
	bool ok;
} segments[] = {
	/* clang-format off */
	{"at the limit",            DATA, 0xffff, 0xfff0, true},
	{"one byte beyond",         DATA, 0xffff, 0xfff1, false},
	{"all of it beyond",        DATA, 0xffff, 0x20000, false},
	{"limit smaller than it",   DATA, LEN - 2, 0, false},
	{"limit as long as it",     DATA, LEN - 1, 0, true},
	{"end of 4 GiB",            DATA, 0xffffffff, 0xfffffff0, true},
	{"beyond 4 GiB",            DATA, 0xffffffff, 0xfffffff1, false},
	{"read-only data",          READ_ONLY, 0xffff, 0, true},
	{"readable code",           CODE_32, 0xffff, 0, true},
	{"beyond readable code",    CODE_32, 0xffff, 0xfff1, false},
	{"conforming code",         CONFORMING, 0xffff, 0xfff0, true},
	{"beyond conforming code",  CONFORMING, 0xffff, 0x10000, false},
	{"execute-only code",       EXECUTE_ONLY, 0xffff, 0, false},
	{"unusable",                UNUSABLE | DATA, 0xffffffff, 0, false},
	{"expand-down: the limit",  DOWN, 0xffff, 0xffff, false},
	{"expand-down: after it",   DOWN, 0xffff, 0x10000, true},
	{"expand-down: below",      DOWN, 0xffff, 0, false},
	{"expand-down: the end",    DOWN, 0xffff, 0xfffffff0, true},
	{"expand-down: beyond",     DOWN, 0xffff, 0xfffffff1, false},
	{"16 bits: after it",       DOWN_16, 0xfff, 0x1000, true},
	{"16 bits: the end",        DOWN_16, 0xfff, 0xfff0, true},
	{"16 bits: beyond",         DOWN_16, 0xfff, 0xfff1, false},
	{"16 bits: at the limit",   DOWN_16, 0xfff, 0xfff, false},
	/* clang-format on */
};

static void t_limits_and_rights(void)
{
	setup(false);
	for (u32 i = 0; i < ARRAY_SIZE(segments); i++) {
		for (u32 which = 0; which < SEGMENTS; which++) {
			u64 code = port_vmcs_get(VMCS_GUEST_CS_ACCESS);

			set_segment(which, 0x1000, segments[i].limit,
				    segments[i].access);
			if (segments[i].ok) {
				is_at(segments[i].name, AT | SEGMENT(which),
				      segments[i].offset,
				      (u32)(segments[i].offset + 0x1000));
			} else {
				raises(segments[i].name, AT | SEGMENT(which),
				       segments[i].offset,
				       which == SS ? X86_VECTOR_SS
						   : X86_VECTOR_GP);
			}
			set_segment(which, 0, 0xffffffff,
				    which == CS ? code : DATA);
		}
	}
}

/* Real mode: limits count, types do not. */
static void t_real_mode(void)
{
	u64 at = NO_BASE | NO_INDEX | SIZE(SIZE_16);

	setup(false);
	port_vmcs_set(VMCS_GUEST_CR0, 0);
	set_segment(DS, 0xffff0, 0xffff, UNUSABLE | EXECUTE_ONLY);
	is_at("no rights", at | SEGMENT(DS), 0x20, 0x100010);
	raises("limit", at | SEGMENT(DS), 0xfff1, X86_VECTOR_GP);
	set_segment(SS, 0, 0xffff, DATA);
	raises("limit of SS", at | SEGMENT(SS), 0xfff8, X86_VECTOR_SS);
}

static void t_later_bytes(void)
{
	setup(true);
	CHECK_EQ(operand_byte((gva_t){0xfffffff8}, 8).v, 0x100000000);
	port_vmcs_set(VMCS_GUEST_CS_ACCESS, CODE_32);
	CHECK_EQ(operand_byte((gva_t){0xfffffff8}, 8).v, 0);
	CHECK_EQ(operand_byte((gva_t){0xfff8}, 8).v, 0x10000);
}

static const struct test tests[] = {
	{"address-of-each-form", t_address_of_each_form},
	{"address-size-cuts-the-offset", t_address_size_cuts_the_offset},
	{"registers-have-32-bits-outside-64bit-mode",
	 t_registers_have_32_bits_outside_64bit_mode},
	{"compatibility-mode-has-segments", t_compatibility_mode_has_segments},
	{"bases-in-64bit-mode", t_bases_in_64bit_mode},
	{"bases-in-32bit-mode", t_bases_in_32bit_mode},
	{"address-must-be-canonical", t_address_must_be_canonical},
	{"limits-and-rights", t_limits_and_rights},
	{"real-mode", t_real_mode},
	{"later-bytes", t_later_bytes},
};
const struct suite suite_operand = SUITE("operand", tests);
