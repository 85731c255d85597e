/* SPDX-License-Identifier: MIT */
/*
 * Between software TLB and VMCS: which state walks get, which tables the CPU
 * gets, and INVVPID when it is due and only then.
 */
#include "core/vp/shadow_vmcs.h"

#include "core/paging/ept.h"

#include "support/call.h"
#include "support/check.h"
#include "support/fake_vmcs.h"
#include "support/soft_tlb.h"
#include "x86/cr.h"
#include "x86/msr.h"

#define GVA          0x5000
#define PAGES_1G     BIT(26) /* CPUID 0x80000001, EDX */
#define ADDRESS_BITS 39

static struct partition *p;
static struct vp *vp;

static void setup(void)
{
	fake_reset();
	fake_vmcs_reset();
	p = call_partition(1, 1);
	soft_tlb_add(p);
	vp = p->vps[0];
	soft_tlb_map(p, 0x2000, GVA, 0);
	soft_tlb_map(p, 0x6000, GVA, 0);
}

/* A guest in PAE paging, or with `cr4` 0 in 32-bit paging */
static void use_legacy(u64 cr4)
{
	u64 cr0 = CR0_PE | CR0_PG | CR0_WP;

	soft_tlb_use(vp, 0x2000);
	vp->own.view.efer = 0;
	vp->own.view.pdpte[0] = 0x3001;
	port_vmcs_set(VMCS_CR0_SHADOW, cr0);
	port_vmcs_set(VMCS_CR4_SHADOW, cr4);
	port_vmcs_set(VMCS_GUEST_CR3, 0);
	for (u32 i = 0; i < 4; i++) {
		port_vmcs_set(VMCS_GUEST_PDPTE0 + 2 * i, 0);
	}
	shadow_vmcs_load(vp, false);
}

static void t_state_is_the_guests_view(void)
{
	struct walk_state state;

	setup();
	fake_cpuid_set(0x80000001, 0, 0, 0, 0, PAGES_1G);
	vp->shadow->address_bits = ADDRESS_BITS; /* not asked again */
	soft_tlb_use(vp, 0x2000);
	/* WP = 0, PGE = 0 and NXE = 0 for the guest; not for the CPU */
	port_vmcs_set(VMCS_CR0_SHADOW, CR0_PE | CR0_PG);
	port_vmcs_set(VMCS_CR4_SHADOW, CR4_PAE);
	vp->own.view.efer = EFER_LME | EFER_LMA;
	port_vmcs_set(VMCS_GUEST_RFLAGS, RFLAGS_FIXED | RFLAGS_AC);
	port_vmcs_set(VMCS_GUEST_SS_ACCESS, 0xc0f3);
	CHECK(shadow_vmcs_state(vp, &state));
	CHECK_EQ(state.cr0 & (CR0_PG | CR0_WP), CR0_PG);
	CHECK_EQ(state.cr3, 0x2000);
	CHECK_EQ(state.cr4, CR4_PAE);
	CHECK_EQ(state.efer, EFER_LME | EFER_LMA);
	CHECK_EQ(state.rflags, RFLAGS_FIXED | RFLAGS_AC);
	CHECK_EQ(state.cpl, 3);
	CHECK_EQ(state.address_bits, ADDRESS_BITS);
	/* the CPU has them; the tables, and so the guest, have not */
	CHECK(!state.has_1g_pages);
	port_vmcs_set(VMCS_CR0_SHADOW, CR0_PE);
	CHECK(!shadow_vmcs_state(vp, &state));
}

static void t_state_has_the_pdptes(void)
{
	struct walk_state state;

	setup();
	use_legacy(CR4_PAE);
	vp->own.view.pdpte[3] = 0x9001;
	CHECK(shadow_vmcs_state(vp, &state));
	CHECK_EQ(state.pdpte[0], 0x3001);
	CHECK_EQ(state.pdpte[3], 0x9001);
}

/* 4-level paging: the root goes to CR3, and no PDPTE is written. */
static void t_long_mode_tables(void)
{
	setup();
	port_vmcs_set(VMCS_GUEST_PDPTE0, 0x77);
	soft_tlb_use(vp, 0x2000);
	CHECK(vp->shadow->is_long);
	CHECK_EQ(port_vmcs_get(VMCS_GUEST_CR3), vp->shadow->root);
	CHECK(vp->shadow->root >= SOFT_TLB_AREA);
	CHECK_EQ(port_vmcs_get(VMCS_GUEST_PDPTE0), 0x77);
}

/*
 * All other modes: the PDPTE registers, and CR3 names copies of them below
 * 4 GiB, each VP's at a place of its own.
 */
static void t_pae_tables(void)
{
	for (u32 pae = 0; pae < 2; pae++) {
		setup();
		use_legacy(pae ? CR4_PAE : 0);
		CHECK(!vp->shadow->is_long);
		vp->shadow->pdpte[0] = SOFT_TLB_AREA | 1;
		vp->shadow->pdpte[1] = SOFT_TLB_AREA | 0x1001;
		vp->shadow->pdpte[2] = SOFT_TLB_AREA | 0x2001;
		vp->shadow->pdpte[3] = SOFT_TLB_AREA | 0x3001;
		shadow_vmcs_sync(vp);
		for (u32 i = 0; i < 4; i++) {
			CHECK_EQ(port_vmcs_get(VMCS_GUEST_PDPTE0 + 2 * i),
				 vp->shadow->pdpte[i]);
			CHECK_EQ(vp->pdptes[i], vp->shadow->pdpte[i]);
		}
		CHECK_EQ(port_vmcs_get(VMCS_GUEST_CR3),
			 EPT_PDPTES_BASE + 32 * vp->number);
	}
}

/* Once, of the whole context, of this VP; not again without a new removal. */
static void t_invvpid_when_due(void)
{
	setup();
	soft_tlb_use(vp, 0x2000);
	CHECK_STR(call_invvpids(), "1");
	shadow_vmcs_sync(vp);
	CHECK_STR(call_invvpids(), "");
	/* a new translation replaces nothing */
	soft_tlb_read(vp, GVA);
	CHECK_STR(call_invvpids(), "");
	vp->shadow->invvpid_due = true;
	CHECK(!shadow_vmcs_is_synced(vp));
	shadow_vmcs_sync(vp);
	CHECK(shadow_vmcs_is_synced(vp));
	CHECK_EQ(fake.invvpid_count, 1);
	CHECK_EQ(fake.invvpids[0].type, INVVPID_SINGLE);
	CHECK(fake.invvpids[0].vp == vp);
	fake.invvpid_count = 0;
	/* a CPU without that type */
	machine.invvpid_context = INVVPID_ALL;
	vp->shadow->invvpid_due = true;
	shadow_vmcs_sync(vp);
	CHECK_STR(call_invvpids(), "2");
}

/* MOV CR3: forgets unless it keeps; either way the tables are written. */
static void t_load(void)
{
	setup();
	soft_tlb_use(vp, 0x2001);
	soft_tlb_read(vp, GVA);
	soft_tlb_use(vp, 0x6002);
	CHECK(soft_tlb_has(vp, 1, GVA));
	fake.invvpid_count = 0;
	vp->own.view.cr3 = 0x2001;
	shadow_vmcs_load(vp, true);
	CHECK(soft_tlb_has(vp, 1, GVA));
	CHECK_EQ(port_vmcs_get(VMCS_GUEST_CR3), vp->shadow->root);
	CHECK_STR(call_invvpids(), "1");
	shadow_vmcs_load(vp, false);
	CHECK(!soft_tlb_has(vp, 1, GVA));
	CHECK_EQ(port_vmcs_get(VMCS_GUEST_CR3), vp->shadow->root);
	CHECK_STR(call_invvpids(), "1");
}

static void t_load_without_paging(void)
{
	u32 writes;

	setup();
	port_vmcs_set(VMCS_CR0_MASK, CR0_PG);
	port_vmcs_set(VMCS_CR0_SHADOW, CR0_PE);
	writes = fake_vmcs.write_count;
	shadow_vmcs_load(vp, false);
	CHECK_EQ(fake_vmcs.write_count, writes);
	CHECK_EQ(vp->shadow->mode, SHADOW_MODE_NONE);
	CHECK_STR(call_invvpids(), "");
}

static void t_without_a_software_tlb_all_is_synced(void)
{
	p = call_partition(1, 1);
	CHECK(shadow_vmcs_is_synced(p->vps[0]));
}

static const struct test tests[] = {
	{"state-is-the-guests-view", t_state_is_the_guests_view},
	{"state-has-the-pdptes", t_state_has_the_pdptes},
	{"long-mode-tables", t_long_mode_tables},
	{"pae-tables", t_pae_tables},
	{"invvpid-when-due", t_invvpid_when_due},
	{"load", t_load},
	{"load-without-paging", t_load_without_paging},
	{"without-a-software-tlb-all-is-synced",
	 t_without_a_software_tlb_all_is_synced},
};

const struct suite suite_shadow_vmcs = SUITE("shadow_vmcs", tests);
