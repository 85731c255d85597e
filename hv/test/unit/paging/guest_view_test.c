/* SPDX-License-Identifier: MIT */
/*
 * Paging registers with and without a software TLB: what the guest reads, what
 * the CPU gets, and what other VPs are told.
 */
#include "core/paging/guest_view.h"

#include <string.h>

#include "core/paging/published.h"
#include "core/partition/access.h"
#include "core/vp/cr.h"
#include "support/call.h"
#include "support/check.h"
#include "support/fake_vmcs.h"
#include "support/soft_tlb.h"
#include "x86/cr.h"
#include "x86/msr.h"

static struct vp *vp;

static void setup(u32 shadow)
{
	struct partition *p;

	fake_reset();
	fake_vmcs_reset();
	p = call_partition(2, 1);
	if (shadow != 0) {
		soft_tlb_add(p);
	}
	access_plan_publishing();
	vp = p->vps[0];
	port_vmcs_set(VMCS_CR0_MASK,
		      CR_CR0_OWNED | (shadow ? CR_CR0_OWNED_SHADOW : 0));
	port_vmcs_set(VMCS_CR4_MASK,
		      CR4_VMXE | CR4_MCE | (shadow ? CR_CR4_OWNED_SHADOW : 0));
}

static void t_owned_bits_are_the_shadows(void)
{
	setup(1);
	port_vmcs_set(VMCS_GUEST_CR0, CR0_PE | CR0_NE | CR0_WP | CR0_TS);
	port_vmcs_set(VMCS_CR0_SHADOW, CR0_PG | CR0_CD);
	CHECK_EQ(view_cr0(), CR0_PE | CR0_TS | CR0_PG | CR0_CD);
	port_vmcs_set(VMCS_GUEST_CR4, CR4_PAE | CR4_VMXE | CR4_OSFXSR);
	port_vmcs_set(VMCS_CR4_SHADOW, CR4_PGE | CR4_TSD);
	CHECK_EQ(view_cr4(), CR4_OSFXSR | CR4_PGE);
}

static void t_cr3(void)
{
	for (u32 shadow = 0; shadow < 2; shadow++) {
		setup(shadow);
		view_set_cr3(vp, 0x5000);
		CHECK_EQ(view_cr3(vp), 0x5000);
		CHECK_EQ(port_vmcs_get(VMCS_GUEST_CR3), shadow ? 0 : 0x5000);
	}
}

static void t_efer(void)
{
	for (u32 shadow = 0; shadow < 2; shadow++) {
		setup(shadow);
		view_set_efer(vp, EFER_SCE);
		CHECK_EQ(view_efer(vp), EFER_SCE);
		CHECK_EQ(port_vmcs_get(VMCS_GUEST_EFER),
			 EFER_SCE | (shadow ? EFER_NXE : 0));
	}
}

/* Values of the guest; the CPU has PAE then, and never PCIDs. */
static void t_cr4(void)
{
	static const u64 values[] = {0, CR4_PAE | CR4_PCIDE | CR4_PGE,
				     CR4_PSE | CR4_SMEP | CR4_SMAP,
				     CR4_OSFXSR | CR4_TSD};

	for (u32 i = 0; i < 2 * ARRAY_SIZE(values); i++) {
		u64 fixed = CR4_VMXE | CR4_MCE;
		u64 value = values[i / 2];
		u32 shadow = i & 1;

		setup(shadow);
		view_set_cr4(vp, value);
		CHECK_EQ(view_cr4(), value);
		CHECK_EQ(port_vmcs_get(VMCS_GUEST_CR4),
			 shadow ? (value & ~(CR4_PCIDE | CR4_PGE)) | CR4_PAE |
					  fixed
				: value | fixed);
	}
}

static void t_pdptes(void)
{
	static const u64 pdptes[4] = {0x1001, 0x2001, 0, 0x4001};
	static const u64 none[4];

	for (u32 shadow = 0; shadow < 2; shadow++) {
		setup(shadow);
		view_set_pdptes(vp, pdptes);
		for (u32 i = 0; i < 4; i++) {
			CHECK_EQ(port_vmcs_get(VMCS_GUEST_PDPTE0 + 2 * i),
				 shadow ? 0 : pdptes[i]);
		}
		CHECK_EQ(memcmp(vp->own.view.pdpte, shadow ? pdptes : none,
				sizeof(pdptes)),
			 0);
	}
}

/* ---- what is published ---- */

/* The CPU's values; none of them is the guest's. */
static void load_real(void)
{
	port_vmcs_set(VMCS_GUEST_CR0, CR0_PE | CR0_PG | CR0_WP | CR0_NE);
	port_vmcs_set(VMCS_GUEST_CR3, SOFT_TLB_AREA);
	port_vmcs_set(VMCS_GUEST_CR4, CR4_PAE | CR4_VMXE | CR4_MCE);
	port_vmcs_set(VMCS_GUEST_EFER, EFER_NXE);
	for (u32 i = 0; i < 4; i++) {
		port_vmcs_set(VMCS_GUEST_PDPTE0 + 2 * i, SOFT_TLB_AREA | 1);
	}
	port_vmcs_set(VMCS_GUEST_RFLAGS, RFLAGS_FIXED | RFLAGS_IF);
	port_vmcs_set(VMCS_GUEST_SS_ACCESS, 0xc093);
	port_vmcs_set(VMCS_GUEST_PAT, PAT_RESET);
}

/* The guest's: PAE paging with WP = 0, or with `cr4` 0 32-bit paging. */
static void load_view(u64 cr4)
{
	static const u64 pdptes[4] = {0x1001, 0x2001, 0x3001, 0x4001};

	load_real();
	port_vmcs_set(VMCS_CR0_SHADOW, CR0_PE | CR0_PG);
	port_vmcs_set(VMCS_CR4_SHADOW, cr4);
	view_set_cr3(vp, 0x5000);
	vp->own.view.efer = EFER_SCE;
	view_set_pdptes(vp, pdptes);
}

static void check_view(const struct published *regs, u64 cr4)
{
	CHECK_EQ(regs->cr0, CR0_PE | CR0_PG);
	CHECK_EQ(regs->cr3, 0x5000);
	CHECK_EQ(regs->cr4, cr4);
	CHECK_EQ(regs->efer, EFER_SCE);
	CHECK_EQ(regs->rflags, RFLAGS_FIXED | RFLAGS_IF);
	CHECK_EQ(regs->ss_access, 0xc093);
	CHECK_EQ(regs->pat, PAT_RESET);
}

static void t_own_are_the_view(void)
{
	struct published regs;

	setup(1);
	load_view(CR4_PAE);
	published_read_own(vp, &regs);
	check_view(&regs, CR4_PAE);
	CHECK_EQ(regs.pdpte[3], 0x4001);
	memset(&regs, 0, sizeof(regs));
	published_read(vp, vp, &regs);
	check_view(&regs, CR4_PAE);
	CHECK_EQ(regs.pdpte[0], 0x1001);
}

static void t_own_without_a_software_tlb(void)
{
	struct published regs;

	setup(0);
	load_real();
	published_read_own(vp, &regs);
	CHECK_EQ(regs.cr3, SOFT_TLB_AREA);
	CHECK_EQ(regs.cr4, CR4_PAE | CR4_VMXE | CR4_MCE);
	CHECK_EQ(regs.pdpte[1], SOFT_TLB_AREA | 1);
}

static void t_others_get_the_view(void)
{
	struct published regs;
	struct vp *other;

	setup(1);
	other = vp->partition->vps[1];
	load_view(CR4_PAE);
	published_update(vp);
	CHECK_EQ(vp->own.published_seq, 2);
	published_read(other, vp, &regs);
	check_view(&regs, CR4_PAE);
	CHECK_EQ(regs.pdpte[3], 0x4001);
	/* the PDPTEs of earlier are not those of 32-bit paging */
	load_view(0);
	published_update(vp);
	published_read(other, vp, &regs);
	check_view(&regs, 0);
	for (u32 i = 0; i < 4; i++) {
		CHECK_EQ(regs.pdpte[i], 0);
	}
}

static const struct test tests[] = {
	{"owned-bits-are-the-shadows", t_owned_bits_are_the_shadows},
	{"cr3", t_cr3},
	{"efer", t_efer},
	{"cr4", t_cr4},
	{"pdptes", t_pdptes},
	{"own-are-the-view", t_own_are_the_view},
	{"own-without-a-software-tlb", t_own_without_a_software_tlb},
	{"others-get-the-view", t_others_get_the_view},
};

const struct suite suite_guest_view = SUITE("guest_view", tests);
