/* SPDX-License-Identifier: MIT */
/*
 * Sets any registers to any values in any order. The next VM entry must succeed
 * with what was accepted, and a refusal must have changed nothing.
 */
#include <string.h>

#include "core/registers/registers.h"
#include "support/check.h"
#include "support/entry_rules.h"
#include "support/fake_vmcs.h"
#include "support/reg_vp.h"
#include "support/soft_tlb.h"
#include "x86/cr.h"
#include "x86/msr.h"

#define X(name) HV_X64_REGISTER_##name
#define HOLE    BIT(47)
#define HIGH    (~0ull << 47)
#define SEG(limit, selector, attributes)                                       \
	((u64)(limit) | (u64)(selector) << 32 | (u64)(attributes) << 48)

static struct fake_vmcs before;

static u64 some_value(void)
{
	static const u64 values[] = {
		0,
		1,
		2,
		0x202,
		0x20002,
		0x33,
		0xfff,
		HOLE,
		HIGH,
		~0ull,
		0x400,
		0x80050033,
		0x80000011,
		0x11,
		0x10,
		0x30,
		0xd01,
		0x500,
		0x100,
		0xfee00d00,
		0x20,
		0xa0,
		0x1000a0,
		REG_VP_PDPTES,
		0x5000,
		PAT_RESET,
		SEG(~0u, 8, 0xa09b),
		SEG(~0u, 8, 0xc09b),
		SEG(0xffff, 0, 0x9b),
		SEG(0xffff, 0, 0xf3),
		SEG(0xffff, 0, 0x93),
		SEG(~0u, 0x1b, 0xc0fb),
		SEG(~0u, 0x23, 0xc0f3),
		SEG(0, 0, 0),
		SEG(0x67, 0x18, 0x8b),
		SEG(0x67, 0x18, 0x83),
		SEG(0xffff, 0x20, 0x82),
	};
	u32 pick = call_random_below(ARRAY_SIZE(values) + 4);

	if (pick < ARRAY_SIZE(values)) {
		return values[pick];
	}
	return pick % 2 ? call_random()
			: values[call_random_below(ARRAY_SIZE(values))] ^
				  BIT(call_random_below(64));
}

static u32 some_name(void)
{
	static const u32 names[] = {
		X(RSP),          X(RIP),   X(RFLAGS),      X(CR0),
		X(CR0),          X(CR3),   X(CR4),         X(CR4),
		X(CR8),          X(DR7),   X(DR6),         X(ES),
		X(CS),           X(CS),    X(CS),          X(SS),
		X(SS),           X(DS),    X(FS),          X(GS),
		X(LDTR),         X(TR),    X(TR),          X(IDTR),
		X(GDTR),         X(EFER),  X(EFER),        X(KERNEL_GS_BASE),
		X(APIC_BASE),    X(PAT),   X(SYSENTER_CS), X(SYSENTER_EIP),
		X(SYSENTER_ESP), X(LSTAR), X(SFMASK),      X(TSC_AUX),
	};

	return names[call_random_below(ARRAY_SIZE(names))];
}

/* What the CPU needs for the tables of a software TLB, whatever was set */
static void check_real(const struct vp *vp)
{
	u64 lma = vp->own.view.efer & EFER_LMA;

	CHECK(port_vmcs_get(VMCS_GUEST_CR0) & CR0_WP);
	CHECK(port_vmcs_get(VMCS_GUEST_CR4) & CR4_PAE);
	CHECK_EQ(port_vmcs_get(VMCS_GUEST_CR4) & CR4_PCIDE, 0);
	CHECK(port_vmcs_get(VMCS_GUEST_EFER) & EFER_NXE);
	CHECK_EQ(port_vmcs_get(VMCS_GUEST_EFER) & EFER_LMA, lma);
	/* its own tables: of none that the guest names */
	CHECK_EQ(port_vmcs_get(VMCS_GUEST_CR3), 0);
	CHECK_EQ(port_vmcs_get(VMCS_GUEST_PDPTE0), 0);
}

/*
 * Compares with support/entry_rules.c, which was written apart from
 * entry_check.c.
 */
static void check_random_values(bool with_shadow)
{
	struct guest_view view;
	struct vp *vp = reg_vp_new(1);
	u32 taken = 0;

	for (u32 i = 0; i < 200000; i++) {
		u32 name = some_name();
		u16 status;

		if (i % 500 == 0) {
			vp = reg_vp_new(1);
			call_seed(i + 1);
			if (with_shadow) {
				soft_tlb_convert(vp);
			}
		}
		before = fake_vmcs;
		view = vp->own.view;
		status = reg_vp_set(vp, vp, name, some_value(), some_value());
		if (status == HV_STATUS_INVALID_REGISTER_VALUE) {
			CHECK_EQ(memcmp(before.value, fake_vmcs.value,
					sizeof(before.value)),
				 0);
			CHECK_EQ(memcmp(&view, &vp->own.view, sizeof(view)), 0);
		} else {
			CHECK_EQ(status, HV_STATUS_SUCCESS);
			taken++;
		}
		entry_rules_check_guest_ahead(3);
		if (with_shadow) {
			check_real(vp);
		}
	}
	CHECK(taken > 20000);
}

static void t_random_values_never_break_the_entry(void)
{
	check_random_values(false);
}

static void t_random_values_with_a_software_tlb(void)
{
	check_random_values(true);
}

static const struct test tests[] = {
	{"random-values-never-break-the-entry",
	 t_random_values_never_break_the_entry},
	{"random-values-with-a-software-tlb",
	 t_random_values_with_a_software_tlb},
};

const struct suite suite_reg_random = SUITE("reg_random", tests);
