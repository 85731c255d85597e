/* SPDX-License-Identifier: MIT */
/*
 * Each register by name: what it reads, which values it takes, and which it
 * refuses; the same with a software TLB.
 */
#include "core/registers/registers.h"

#include <stdio.h>
#include <string.h>

#include "core/state/partition.h"
#include "core/vp/entry_check.h"
#include "support/check.h"
#include "support/entry_rules.h"
#include "support/fake_vmcs.h"
#include "support/reg_vp.h"
#include "support/soft_tlb.h"
#include "tlfs/cpuid.h"
#include "x86/cr.h"
#include "x86/msr.h"

#define X(name) HV_X64_REGISTER_##name
#define HOLE    BIT(47)
#define HIGH    (~0ull << 47)
#define SEG(limit, selector, attributes)                                       \
	((u64)(limit) | (u64)(selector) << 32 | (u64)(attributes) << 48)
#define LIMIT(limit) ((u64)(limit) << 48)
#define GOOD         HV_STATUS_SUCCESS
#define VALUE        HV_STATUS_INVALID_REGISTER_VALUE
#define PARAM        HV_STATUS_INVALID_PARAMETER

static const struct {
	u64 name;
	u64 low;
	u64 high;
	u16 status;
} sets[] = {
	/* clang-format off */
	{X(RAX) + 3,        ~0ull, 0, GOOD},
	{X(R15),            HOLE, 0, GOOD},
	{X(R15),            1, 1, VALUE},
	{X(RSP),            HOLE | 1, 0, GOOD},
	{X(RSP),            0, 1, VALUE},
	{X(RIP),            HIGH, 0, GOOD},
	{X(RIP),            0, 0, GOOD},
	{X(RIP),            HOLE - 1, 0, GOOD},
	{X(RIP),            HOLE, 0, VALUE},
	{X(RIP),            HIGH - 1, 0, VALUE},
	{X(RFLAGS),         0x202, 0, GOOD},
	{X(RFLAGS),         0, 0, VALUE},
	{X(RFLAGS),         0xa, 0, VALUE},
	{X(RFLAGS),         2 | BIT(22), 0, VALUE},
	{X(RFLAGS),         2 | BIT(63), 0, VALUE},
	{X(RFLAGS),         2 | RFLAGS_VM, 0, VALUE},
	{X(CR0),            CR0_PE | CR0_ET | CR0_PG | CR0_WP, 0, GOOD},
	{X(CR0),            CR0_PE | CR0_ET | CR0_PG | CR0_CD, 0, GOOD},
	{X(CR0),            CR0_PE | CR0_ET | CR0_PG | CR0_NE, 0, GOOD},
	{X(CR0),            CR0_PE | CR0_ET | CR0_PG | CR0_NW, 0, VALUE},
	{X(CR0),            CR0_PG | CR0_ET, 0, VALUE},
	{X(CR0),            CR0_PE | CR0_ET, 0, VALUE}, /* CS.L = 1 */
	{X(CR0),            CR0_PE | CR0_ET | CR0_PG | BIT(32), 0, VALUE},
	{X(CR2),            HOLE, 0, GOOD},
	{X(CR3),            0x5000 | CR3_PCD, 0, GOOD},
	{X(CR3),            BIT(ENTRY_RULES_MAXPHYADDR), 0, VALUE},
	{X(CR3),            BIT(63), 0, VALUE},
	{X(CR4),            CR4_PAE | CR4_PGE, 0, GOOD},
	{X(CR4),            CR4_PGE, 0, VALUE},
	{X(CR4),            CR4_PAE | CR4_VMXE, 0, VALUE},
	{X(CR4),            CR4_PAE | CR4_PCIDE, 0, VALUE},
	{X(CR4),            CR4_PAE | CR4_MCE, 0, VALUE},
	{X(CR4),            CR4_PAE | BIT(40), 0, VALUE},
	{X(CR8),            15, 0, GOOD},
	{X(CR8),            16, 0, VALUE},
	{X(DR0),            ~0ull, 0, GOOD},
	{X(DR3),            HOLE, 0, GOOD},
	{X(DR6),            0xffff0ff0, 0, GOOD},
	{X(DR6),            BIT(32), 0, VALUE},
	{X(DR7),            0x455, 0, GOOD},
	{X(DR7),            0x400 | BIT(32), 0, VALUE},
	{X(DR7),            0x400 | BIT(12), 0, VALUE},
	{X(CS),             0, SEG(~0u, 8, 0xa09b), GOOD},
	{X(CS),             0, SEG(~0u, 8, 0xc09b), GOOD},
	{X(CS),             0, SEG(~0u, 8, 0xe09b), VALUE}, /* L and D */
	{X(CS),             0, SEG(~0u, 8, 0xa01b), VALUE}, /* not present */
	{X(CS),             0, SEG(~0u, 8, 0xa0fb), VALUE}, /* not SS.DPL */
	{X(CS),             0, SEG(~0u, 8, 0xa093), GOOD},  /* CS.DPL = 0 */
	{X(CS),             0, SEG(~0u, 8, 0xa09a), VALUE}, /* not accessed */
	{X(CS),             0, SEG(~0u, 8, 0xa19b), VALUE}, /* reserved */
	{X(CS),             0, SEG(0xfffff, 8, 0xa09b), GOOD},
	{X(CS),             0, SEG(0xffffe, 8, 0xa09b), VALUE}, /* G, limit */
	{X(CS),             0, SEG(0x100000, 8, 0x209b), VALUE},
	{X(CS),             BIT(32), SEG(~0u, 8, 0xa09b), VALUE},
	{X(SS),             0, SEG(0, 0, 0), GOOD}, /* null */
	{X(SS),             0, SEG(~0u, 16, 0xc09b), VALUE}, /* code */
	{X(SS),             0, SEG(~0u, 16, 0xc0f3), VALUE}, /* CS.DPL */
	{X(SS),             0, SEG(0, 0, 0x60), VALUE}, /* the same, null */
	{X(DS),             BIT(32), SEG(~0u, 16, 0xc093), VALUE},
	{X(DS),             BIT(32), SEG(0, 0, 0), GOOD},
	{X(ES),             0, SEG(~0u, 16, 0xc099), VALUE}, /* unreadable */
	{X(ES),             0, SEG(0, 0, 0x100), VALUE},
	{X(FS),             HIGH, SEG(0, 0, 0), GOOD},
	{X(FS),             HOLE, SEG(0, 0, 0), VALUE},
	{X(GS),             HIGH | 8, SEG(~0u, 3, 0xc0f3), GOOD},
	{X(GS),             HOLE, SEG(~0u, 3, 0xc0f3), VALUE},
	{X(LDTR),           HIGH, SEG(0xffff, 0x20, 0x82), GOOD},
	{X(LDTR),           HOLE, SEG(0xffff, 0x20, 0x82), VALUE},
	{X(LDTR),           0, SEG(0xffff, 0x24, 0x82), VALUE}, /* TI */
	{X(LDTR),           0, SEG(0xffff, 0x20, 0x8b), VALUE},
	{X(LDTR),           0, SEG(0, 0, 0), GOOD},
	{X(TR),             HIGH, SEG(0x67, 0x18, 0x8b), GOOD},
	{X(TR),             0, SEG(0x67, 0x18, 0x83), VALUE}, /* IA-32e */
	{X(TR),             0, SEG(0x67, 0x18, 0x89), VALUE}, /* not busy */
	{X(TR),             0, SEG(0x67, 0x1c, 0x8b), VALUE}, /* TI */
	{X(TR),             0, SEG(0, 0, 0), VALUE},
	{X(IDTR),           LIMIT(0xfff), HIGH, GOOD},
	{X(IDTR),           LIMIT(0xfff), HOLE, VALUE},
	{X(GDTR),           LIMIT(0x7f), 0x1000, GOOD},
	{X(GDTR),           LIMIT(0x7f), HOLE, VALUE},
	{X(TSC),            0, 0, PARAM},
	{X(EFER),           EFER_LME | EFER_LMA | EFER_NXE, 0, GOOD},
	{X(EFER),           EFER_LME | EFER_SCE, 0, VALUE},
	{X(EFER),           EFER_SCE, 0, VALUE},
	{X(EFER),           EFER_LME | EFER_LMA | BIT(1), 0, VALUE},
	{X(EFER),           EFER_LME | EFER_LMA | BIT(12), 0, VALUE},
	{X(KERNEL_GS_BASE), HIGH, 0, GOOD},
	{X(KERNEL_GS_BASE), HOLE, 0, VALUE},
	{X(APIC_BASE),      APIC_BASE_RESET | 0xd00, 0, GOOD},
	{X(APIC_BASE),      APIC_BASE_RESET, 0, VALUE},
	{X(PAT),            0x0606060606060606, 0, GOOD},
	{X(PAT),            0x0606060606060602, 0, VALUE},
	{X(PAT),            0x0806060606060606, 0, VALUE},
	{X(SYSENTER_CS),    0xffffffff, 0, GOOD},
	{X(SYSENTER_CS),    BIT(32), 0, VALUE},
	{X(SYSENTER_EIP),   HIGH, 0, GOOD},
	{X(SYSENTER_EIP),   HOLE, 0, VALUE},
	{X(SYSENTER_ESP),   HOLE, 0, VALUE},
	{X(STAR),           ~0ull, 0, GOOD},
	{X(LSTAR),          HIGH | 5, 0, GOOD},
	{X(LSTAR),          HOLE, 0, VALUE},
	{X(CSTAR),          HOLE, 0, VALUE},
	{X(SFMASK),         0x47700, 0, GOOD},
	{X(SFMASK),         BIT(32), 0, VALUE},
	{X(INITIAL_APIC_ID), 0, 0, PARAM},
	{X(TSC_AUX),        7, 0, GOOD},
	{X(TSC_AUX),        BIT(32), 0, VALUE},
	{X(HYPERCALL),      0x5000, 0, GOOD},
	{HV_REGISTER_GUEST_OS_ID, 77, 0, GOOD},
	{HV_REGISTER_VP_ASSIST_PAGE, 0x5001, 0, GOOD},
	{HV_REGISTER_VP_ASSIST_PAGE, 1ull << 40 | 1, 0, VALUE},
	{HV_REGISTER_VP_INDEX, 0, 0, PARAM},
	{HV_REGISTER_TIME_REF_COUNT, 0, 0, PARAM},
	{HV_REGISTER_FEATURES_INFO, 0, 0, PARAM},
	/* names after and before the existing ones */
	{0,                 0, 0, PARAM},
	{2,                 0, 0, PARAM},
	{X(RFLAGS) + 1,     0, 0, PARAM},
	{X(CR8) + 1,        0, 0, PARAM},
	{X(DR7) + 1,        0, 0, PARAM},
	{X(TR) + 1,         0, 0, PARAM},
	{X(GDTR) + 1,       0, 0, PARAM},
	{0x30000,           0, 0, PARAM},
	{0x9000d,           0, 0, PARAM},
	{~0u,               0, 0, PARAM},
	/* clang-format on */
};

static struct fake_vmcs before;

/* A VP; `kind` 1: with a software TLB. */
static struct vp *new_vp(u32 kind)
{
	struct vp *vp = reg_vp_new(1);

	if (kind != 0) {
		soft_tlb_convert(vp);
	}
	return vp;
}

static void check_each_value(u32 kind)
{
	for (u32 i = 0; i < ARRAY_SIZE(sets); i++) {
		struct vp *vp = new_vp(kind);
		struct guest_view view = vp->own.view;
		struct hv_register_value value = {0, 0};
		char what[40];

		snprintf(what, sizeof(what), "kind %u, row %u, name 0x%x", kind,
			 i, (u32)sets[i].name);
		before = fake_vmcs;
		check_eq(reg_vp_set(vp, vp, (u32)sets[i].name, sets[i].low,
				    sets[i].high),
			 sets[i].status, what, __FILE__, __LINE__);
		entry_rules_check_guest_ahead(3);
		if (sets[i].status != GOOD) {
			CHECK_EQ(memcmp(before.value, fake_vmcs.value,
					sizeof(before.value)),
				 0);
			CHECK_EQ(memcmp(before.registers, fake_vmcs.registers,
					sizeof(before.registers)),
				 0);
			CHECK_EQ(memcmp(&view, &vp->own.view, sizeof(view)), 0);
			continue;
		}
		CHECK_EQ(reg_vp_get(vp, vp, (u32)sets[i].name, &value), GOOD);
		check_eq(value.low, sets[i].low, what, __FILE__, __LINE__);
		check_eq(value.high, sets[i].high, what, __FILE__, __LINE__);
	}
}

static void t_each_value(void)
{
	check_each_value(0);
	check_each_value(1);
}

static u64 read_low(struct vp *vp, u32 name)
{
	struct hv_register_value value;

	CHECK_EQ(reg_vp_get(vp, vp, name, &value), GOOD);
	return value.low;
}

static void t_reads(void)
{
	struct vp *vp = reg_vp_new(1);
	struct hv_register_value value;

	port_vmcs_set(VMCS_GUEST_RIP, 0x1234);
	CHECK_EQ(read_low(vp, X(RIP)), 0x1237); /* after its VMCALL */
	CHECK_EQ(read_low(vp, X(CR0)), CR0_PE | CR0_ET | CR0_PG);
	CHECK_EQ(read_low(vp, X(CR4)), CR4_PAE);
	CHECK_EQ(read_low(vp, X(INITIAL_APIC_ID)), 0);
	CHECK_EQ(read_low(vp, X(APIC_BASE)), APIC_BASE_RESET | 0xd00);
	CHECK_EQ(read_low(vp, HV_REGISTER_VP_INDEX), 0);
	fake.tsc = 5000;
	CHECK_EQ(read_low(vp, X(TSC)), 5000);
	CHECK_EQ(read_low(vp, HV_REGISTER_TIME_REF_COUNT), 50);
	CHECK_EQ(read_low(vp, HV_REGISTER_PROCESSOR_CLOCK), FAKE_TSC_HZ);
	CHECK_EQ(read_low(vp, HV_REGISTER_INTERRUPT_CLOCK), FAKE_APIC_HZ);
	/* an unusable segment is one that is not present */
	port_vmcs_set(VMCS_GUEST_DS_ACCESS, 0x1c093);
	CHECK_EQ(reg_vp_get(vp, vp, X(DS), &value), GOOD);
	CHECK_EQ(value.high >> 48, 0xc013);
	/* CPUID leaf 0x40000003 in one piece */
	CHECK_EQ(
		reg_vp_get(vp, vp, HV_REGISTER_PRIVILEGES_AND_FEATURES, &value),
		GOOD);
	CHECK_EQ(value.low, vp->partition->config->privileges.mask);
	CHECK_EQ(value.high >> 32, vp->partition->config->privileges.features);
}

static void t_not_granted_is_not_there(void)
{
	struct vp *vp = reg_vp_new(1);
	struct hv_register_value value;

	fake_config(vp->partition)->privileges.mask =
		HV_PRIV_ACCESS_VP_REGISTERS;
	CHECK_EQ(reg_vp_get(vp, vp, HV_REGISTER_VP_INDEX, &value), PARAM);
	CHECK_EQ(reg_vp_get(vp, vp, HV_REGISTER_TIME_REF_COUNT, &value), PARAM);
	CHECK_EQ(reg_vp_get(vp, vp, X(HYPERCALL), &value), PARAM);
	CHECK_EQ(reg_vp_set(vp, vp, X(HYPERCALL), 0, 0), PARAM);
	CHECK_EQ(reg_vp_set(vp, vp, HV_REGISTER_GUEST_OS_ID, 0, 0), PARAM);
}

/* After a change of translation no old translation may be used. */
static void t_translations_are_flushed(void)
{
	static const struct {
		u32 name;
		u64 value;
	} rows[] = {{X(CR3), 0x5000},
		    {X(CR4), CR4_PAE | CR4_PGE},
		    {X(CR0), CR0_PE | CR0_ET | CR0_PG | CR0_WP},
		    {X(EFER), EFER_LME | EFER_LMA | EFER_NXE}};

	for (u32 i = 0; i < 2 * ARRAY_SIZE(rows); i++) {
		struct vp *vp = new_vp(i & 1);

		CHECK_EQ(reg_vp_set(vp, vp, rows[i / 2].name, rows[i / 2].value,
				    0),
			 GOOD);
		CHECK(*vp->flush_full & vp->bank_bit);
	}
}

/* 64-bit mode, register by register, down to real mode and up again. */
static void check_modes(u32 kind)
{
	static const struct {
		u32 name;
		u64 low;
		u64 high;
	} rows[] = {
		/* clang-format off */
		{X(CS), 0, SEG(~0u, 8, 0xc09b)},
		{X(RIP), 0x7c00, 0},
		{X(CR0), CR0_PE | CR0_ET, 0},
		{X(EFER), 0, 0},
		{X(CR0), CR0_ET, 0},
		{X(CS), 0, SEG(0xffff, 0, 0x9b)},
		{X(CR0), CR0_PE | CR0_ET | CR0_PG, 0}, /* PAE: PDPTEs */
		{X(CR0), CR0_PE | CR0_ET, 0},
		{X(EFER), EFER_LME, 0},
		{X(CR0), CR0_PE | CR0_ET | CR0_PG, 0},
		{X(CS), 0, SEG(~0u, 8, 0xa09b)},
		{X(RIP), HIGH | 0x1000, 0},
		/* clang-format on */
	};
	struct vp *vp = new_vp(kind);

	for (u32 i = 0; i < ARRAY_SIZE(rows); i++) {
		check_eq(reg_vp_set(vp, vp, rows[i].name, rows[i].low,
				    rows[i].high),
			 GOOD, "step", __FILE__, i);
		entry_rules_check_guest_ahead(3);
	}
	CHECK_EQ(read_low(vp, X(EFER)), EFER_LME | EFER_LMA);
	/* the tables that PAE paging would load must be good */
	/* RIP has to be set first: EIP has 32 bits */
	CHECK_EQ(reg_vp_set(vp, vp, X(CS), 0, SEG(~0u, 8, 0xc09b)), VALUE);
	CHECK_EQ(reg_vp_set(vp, vp, X(RIP), 0, 0), GOOD);
	CHECK_EQ(reg_vp_set(vp, vp, X(CS), 0, SEG(~0u, 8, 0xc09b)), GOOD);
	CHECK_EQ(reg_vp_set(vp, vp, X(CR0), CR0_PE | CR0_ET, 0), GOOD);
	CHECK_EQ(reg_vp_set(vp, vp, X(EFER), 0, 0), GOOD);
	CHECK_EQ(reg_vp_set(vp, vp, X(CR3), FAKE_RAM, 0), GOOD);
	CHECK_EQ(reg_vp_set(vp, vp, X(CR0), CR0_PE | CR0_ET | CR0_PG, 0),
		 VALUE);
	CHECK_EQ(reg_vp_set(vp, vp, X(CR3), REG_VP_PDPTES, 0), GOOD);
	CHECK_EQ(reg_vp_set(vp, vp, X(CR0), CR0_PE | CR0_ET | CR0_PG, 0), GOOD);
	CHECK_EQ(reg_vp_set(vp, vp, X(CR3), FAKE_RAM, 0), VALUE);
	CHECK_EQ(read_low(vp, X(CR3)), REG_VP_PDPTES);
}

static void t_modes(void)
{
	check_modes(0);
	check_modes(1);
}

/*
 * Clearing IF clears the blocking by STI, too: an entry with blocking by STI
 * and IF = 0 fails.
 */
static void t_rflags_and_shadow(void)
{
	struct vp *vp = reg_vp_new(1);

	port_vmcs_set(VMCS_GUEST_RFLAGS, RFLAGS_FIXED | RFLAGS_IF);
	port_vmcs_set(VMCS_GUEST_INTERRUPTIBILITY, VMX_BLOCKING_STI);
	CHECK_EQ(reg_vp_set(vp, vp, X(RFLAGS), RFLAGS_FIXED | RFLAGS_TF, 0),
		 GOOD);
	CHECK_EQ(port_vmcs_get(VMCS_GUEST_INTERRUPTIBILITY), 0);
}

static const struct test tests[] = {
	{"each-value", t_each_value},
	{"reads", t_reads},
	{"not-granted-is-not-there", t_not_granted_is_not_there},
	{"translations-are-flushed", t_translations_are_flushed},
	{"modes", t_modes},
	{"rflags-and-shadow", t_rflags_and_shadow},
};

const struct suite suite_reg = SUITE("reg", tests);
