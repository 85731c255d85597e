/* SPDX-License-Identifier: MIT */
/*
 * Control registers of a VP with a software TLB: PCIDs, what the guest itself
 * writes, and that a refusal by the check of the next VM entry takes the view
 * back, too.
 */
#include "core/registers/registers.h"

#include <string.h>

#include "core/paging/guest_view.h"
#include "core/registers/control.h"
#include "support/check.h"
#include "support/entry_rules.h"
#include "support/fake_vmcs.h"
#include "support/reg_vp.h"
#include "support/soft_tlb.h"
#include "x86/cr.h"
#include "x86/msr.h"

#define X(name) HV_X64_REGISTER_##name
#define SEG(limit, selector, attributes)                                       \
	((u64)(limit) | (u64)(selector) << 32 | (u64)(attributes) << 48)
#define PAGE_GVA 0x7000000000ull
#define GOOD     HV_STATUS_SUCCESS
#define VALUE    HV_STATUS_INVALID_REGISTER_VALUE

/* SDM 3A, "Process-Context Identifiers (PCIDs)": what CR4.PCIDE needs */
static void t_what_pcide_needs(void)
{
	static const struct {
		u32 name;
		u64 low;
		u64 high;
		u16 status;
	} rows[] = {
		/* clang-format off */
		{X(CR4), CR4_PAE | CR4_PCIDE, 0, VALUE}, /* CR3 11:0 */
		{X(CR3), 0x5000, 0, GOOD},
		{X(CR4), CR4_PAE | CR4_PCIDE, 0, GOOD},
		{X(CR3), 0x5fff, 0, GOOD},
		{X(CR3), 0x5fff | BIT(63), 0, VALUE},
		{X(RIP), 0, 0, GOOD},
		{X(CS),  0, SEG(~0u, 8, 0xc09b), GOOD},
		{X(CR0), CR0_PE | CR0_ET, 0, VALUE}, /* PCIDE */
		{X(CR4), CR4_PAE, 0, GOOD},
		{X(CR3), 0x5000, 0, GOOD},
		{X(CR0), CR0_PE | CR0_ET, 0, GOOD},
		{X(CR4), CR4_PAE | CR4_PCIDE, 0, VALUE}, /* LMA */
		/* clang-format on */
	};
	struct vp *vp = reg_vp_new(1);

	soft_tlb_convert(vp);
	fake_config(vp->partition)->pcid = CONFIG_PCID_ON;
	for (u32 i = 0; i < ARRAY_SIZE(rows); i++) {
		check_eq(reg_vp_set(vp, vp, rows[i].name, rows[i].low,
				    rows[i].high),
			 rows[i].status, "step", __FILE__, i);
		entry_rules_check_guest_ahead(3);
		CHECK_EQ(port_vmcs_get(VMCS_GUEST_CR4) & CR4_PCIDE, 0);
	}
}

/* Virtual-8086 mode without paging: as an entry would find it */
static void enter_v86(void)
{
	for (u32 i = 0; i < 6; i++) { /* ES to GS stand 2 apart */
		port_vmcs_set(VMCS_GUEST_ES_SELECTOR + 2 * i, 0x1000);
		port_vmcs_set(VMCS_GUEST_ES_BASE + 2 * i, 0x10000);
		port_vmcs_set(VMCS_GUEST_ES_LIMIT + 2 * i, 0xffff);
		port_vmcs_set(VMCS_GUEST_ES_ACCESS + 2 * i, 0xf3);
	}
	port_vmcs_set(VMCS_GUEST_RIP, 0x100);
	port_vmcs_set(VMCS_GUEST_RFLAGS, RFLAGS_FIXED | RFLAGS_VM);
	entry_rules_check_guest();
}

/* Paging in IA-32e mode begins well; the entry into it would not. */
static void t_refused_by_the_entry(void)
{
	struct vp *vp = reg_vp_new(1);
	static struct fake_vmcs before;
	struct guest_view view;

	soft_tlb_convert(vp);
	CHECK_EQ(reg_vp_set(vp, vp, X(CS), 0, SEG(~0u, 8, 0xc09b)), GOOD);
	CHECK_EQ(reg_vp_set(vp, vp, X(CR0), CR0_PE | CR0_ET, 0), GOOD);
	CHECK_EQ(vp->own.view.efer, EFER_LME | EFER_SCE);
	enter_v86();
	before = fake_vmcs;
	view = vp->own.view;
	CHECK_EQ(reg_vp_set(vp, vp, X(CR0), CR0_PE | CR0_ET | CR0_PG, 0),
		 VALUE);
	CHECK_EQ(memcmp(&view, &vp->own.view, sizeof(view)), 0);
	CHECK_EQ(memcmp(before.value, fake_vmcs.value, sizeof(before.value)),
		 0);
}

/* PAE paging: CR3 and CR4 load the PDPTEs, and a bad one refuses them. */
static void t_bad_pdptes_change_nothing(void)
{
	static const u64 bad = 3; /* bit 1 is reserved */
	static struct fake_vmcs before;
	struct vp *vp = reg_vp_new(1);
	struct guest_view view;

	soft_tlb_convert(vp);
	CHECK_EQ(reg_vp_set(vp, vp, X(CS), 0, SEG(~0u, 8, 0xc09b)), GOOD);
	CHECK_EQ(reg_vp_set(vp, vp, X(CR0), CR0_PE | CR0_ET, 0), GOOD);
	CHECK_EQ(reg_vp_set(vp, vp, X(EFER), 0, 0), GOOD);
	CHECK_EQ(reg_vp_set(vp, vp, X(CR0), CR0_PE | CR0_ET | CR0_PG, 0), GOOD);
	CHECK_EQ(vp->own.view.pdpte[1], 0x2001);
	before = fake_vmcs;
	view = vp->own.view;
	memcpy(fake_ram(vp->partition, REG_VP_PDPTES + 8), &bad, sizeof(bad));
	memcpy(fake_ram(vp->partition, REG_VP_PDPTES + 32), &bad, sizeof(bad));
	CHECK_EQ(reg_vp_set(vp, vp, X(CR3), REG_VP_PDPTES + 32, 0), VALUE);
	CHECK_EQ(reg_vp_set(vp, vp, X(CR4), CR4_PAE | CR4_PGE, 0), VALUE);
	CHECK_EQ(memcmp(&view, &vp->own.view, sizeof(view)), 0);
	CHECK_EQ(memcmp(before.value, fake_vmcs.value, sizeof(before.value)),
		 0);
	/* CR4 bits that load no PDPTEs */
	CHECK_EQ(reg_vp_set(vp, vp, X(CR4), CR4_PAE | CR4_TSD, 0), GOOD);
	CHECK_EQ(vp->own.view.pdpte[1], 0x2001);
}

/* PCID 1 has a page cached; then the guest goes to PCID 1 or 2. */
static struct vp *with_pcids(u64 cr4)
{
	struct vp *vp = reg_vp_new(1);

	soft_tlb_convert(vp);
	port_vmcs_set(VMCS_CR4_SHADOW, CR4_PAE | CR4_PCIDE);
	soft_tlb_map(vp->partition, 0x20000, PAGE_GVA, 0);
	soft_tlb_use(vp, 0x20001);
	soft_tlb_read(vp, PAGE_GVA);
	CHECK(soft_tlb_has(vp, 1, PAGE_GVA));
	port_vmcs_set(VMCS_CR4_SHADOW, cr4);
	return vp;
}

/* SDM 2B, "MOV—Move to/from Control Registers": bit 63 of CR3 */
static void t_guest_writes_cr3(void)
{
	static const struct {
		u64 cr4;
		u64 raw_value;
		bool accepted;
		u64 cr3;
		bool kept;
	} rows[] = {
		{CR4_PAE | CR4_PCIDE, 0x20001, true, 0x20001, false},
		{CR4_PAE | CR4_PCIDE, 0x20001 | BIT(63), true, 0x20001, true},
		{CR4_PAE | CR4_PCIDE, 0x20002, true, 0x20002, true},
		{CR4_PAE | CR4_PCIDE, BIT(62), false, 0x20001, true},
		{CR4_PAE, 0x20001 | BIT(63), false, 0x20001, true},
	};

	for (u32 i = 0; i < ARRAY_SIZE(rows); i++) {
		struct vp *vp = with_pcids(rows[i].cr4);

		CHECK_EQ(cr_guest_cr3(vp, rows[i].raw_value), rows[i].accepted);
		CHECK_EQ(view_cr3(vp), rows[i].cr3);
		CHECK_EQ(soft_tlb_has(vp, 1, PAGE_GVA), rows[i].kept);
		CHECK(!vp->shadow->invvpid_due);
		/* what goes is named, so nothing else waits to go */
		CHECK(!(*vp->flush_full & vp->bank_bit));
	}
}

/* SDM 4, "IA32_EFER": LMA is read-only, the other bits are checked. */
static void t_guest_writes_efer(void)
{
	struct vp *vp = with_pcids(CR4_PAE);
	u64 old = view_efer(vp);

	CHECK(old & EFER_LMA);
	CHECK(cr_guest_efer(vp, (old & ~EFER_LMA) ^ EFER_NXE));
	CHECK_EQ(view_efer(vp), old ^ EFER_NXE);
	CHECK(*vp->flush_full & vp->bank_bit);
	CHECK(!cr_guest_efer(vp, old & ~EFER_LME));
	CHECK(!cr_guest_efer(vp, old | BIT(2)));
	CHECK_EQ(view_efer(vp), old ^ EFER_NXE);
}

static const struct test tests[] = {
	{"what-pcide-needs", t_what_pcide_needs},
	{"refused-by-the-entry", t_refused_by_the_entry},
	{"bad-pdptes-change-nothing", t_bad_pdptes_change_nothing},
	{"guest-writes-cr3", t_guest_writes_cr3},
	{"guest-writes-efer", t_guest_writes_efer},
};

const struct suite suite_reg_view = SUITE("reg_view", tests);
