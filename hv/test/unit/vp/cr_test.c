/* SPDX-License-Identifier: MIT */
/*
 * MOV to CR0: its faults, changes of mode, and that the next VM entry succeeds.
 * With a software TLB the guest sees the same, and the CPU runs on other
 * values.
 */
#include "core/vp/cr.h"

#include <string.h>

#include "core/paging/guest_view.h"
#include "core/vp/vmcs_plan.h"
#include "support/call.h"
#include "support/check.h"
#include "support/entry_rules.h"
#include "support/fake_vmcs.h"
#include "support/soft_tlb.h"
#include "x86/cr.h"
#include "x86/msr.h"
#include "x86/vmcs.h"

#define TABLE_GPA 0x8020 /* of the PDPTEs: 32-byte aligned */
#define CODE_32   0xc09bu
#define CODE_64   0xa09bu
#define OWNED     CR_CR0_OWNED

static struct vp *vp;
static bool with_shadow; /* the VP has a software TLB */

struct mode {
	u64 cr0; /* as the guest sees it */
	u64 cr4;
	u64 efer;
	u64 code; /* access rights of CS */
};

/* Makes a VP in that mode, with VMCS and shadows as they are then. */
static void enter_mode(const struct mode *mode)
{
	static const u64 pdptes[] = {0x1001, 0x2001, 0, 0x3019};
	struct partition *p;

	fake_reset();
	fake_vmcs_reset();
	p = fake_partition(1, 1);
	vp = p->vps[0];
	memcpy(fake_ram(p, TABLE_GPA), pdptes, sizeof(pdptes));
	fake_cpuid_set(0x80000000, 0, 0x80000008, 0, 0, 0);
	fake_cpuid_set(0x80000008, 0, 0x3000 | ENTRY_RULES_MAXPHYADDR, 0, 0, 0);
	vmcs_plan_apply_pvh(vp, 0x100000, 0);
	port_vmcs_set(VMCS_LINK_POINTER, ~0ull);
	port_vmcs_set(VMCS_GUEST_PAT, 0x0007040600070406);
	port_vmcs_set(VMCS_GUEST_CR0, (mode->cr0 & ~OWNED) | CR0_NE);
	port_vmcs_set(VMCS_CR0_SHADOW, mode->cr0);
	port_vmcs_set(VMCS_GUEST_CR4, mode->cr4 | CR4_VMXE);
	port_vmcs_set(VMCS_GUEST_CR3, TABLE_GPA);
	port_vmcs_set(VMCS_GUEST_EFER, mode->efer);
	port_vmcs_set(VMCS_GUEST_CS_ACCESS, mode->code);
	port_vmcs_set(VMCS_ENTRY_CONTROLS,
		      mode->efer & EFER_LMA ? VMX_ENTRY_IA32E : 0);
	port_vmcs_set(VMCS_CR0_MASK, OWNED);
	port_vmcs_set(VMCS_CR4_MASK, CR4_VMXE);
	if (with_shadow) {
		soft_tlb_convert(vp);
	}
	entry_rules_check_guest();
}

#define PE CR0_PE
#define PG CR0_PG
#define NE CR0_NE
#define ET CR0_ET
#define CD CR0_CD
#define NW CR0_NW
#define WP CR0_WP

#define LME EFER_LME
#define LMA EFER_LMA
#define PAE CR4_PAE

static const struct {
	const char *name;
	struct mode from;
	u64 value;
	bool ok;
	bool lma; /* afterwards */
	bool flush;
} moves[] = {
	/* clang-format off */
	{ "PE off",               { PE | ET, 0, 0, CODE_32 },   NE, true, false, false },
	{ "NE on",                { PE | ET, 0, 0, CODE_32 },   PE | NE | ET, true, false, false },
	{ "NE off",               { PE | NE | ET, 0, 0, CODE_32 }, PE | ET, true, false, false },
	{ "CD on",                { PE | ET, 0, 0, CODE_32 },   PE | CD | ET, true, false, false },
	{ "CD and NW on",         { PE | ET, 0, 0, CODE_32 },   PE | CD | NW, true, false, false },
	{ "NW without CD",        { PE | ET, 0, 0, CODE_32 },   PE | NW, false, false, false },
	{ "PG without PE",        { ET, 0, 0, CODE_32 },        PG | NE, false, false, false },
	{ "upper half",           { PE | ET, 0, 0, CODE_32 },   PE | NE | BIT(32), false, false, false },
	{ "bit 63",               { PE | ET, 0, 0, CODE_32 },   PE | NE | BIT(63), false, false, false },
	{ "undefined low bits",   { PE | ET, 0, 0, CODE_32 },   PE | NE | BIT(6) | BIT(17), true, false, false },
	{ "32-bit paging",        { PE | ET, 0, 0, CODE_32 },   PE | PG | NE, true, false, true },
	{ "32-bit paging off",    { PE | PG | ET, 0, 0, CODE_32 }, PE | NE, true, false, true },
	{ "WP on",                { PE | PG | ET, 0, 0, CODE_32 }, PE | PG | WP | NE, true, false, true },
	{ "PAE paging",           { PE | ET, PAE, 0, CODE_32 }, PE | PG | NE, true, false, true },
	{ "PAE paging off",       { PE | PG | ET, PAE, 0, CODE_32 }, PE | NE, true, false, true },
	{ "IA-32e on",            { PE | ET, PAE, LME, CODE_32 }, PE | PG | NE, true, true, true },
	{ "IA-32e without PAE",   { PE | ET, 0, LME, CODE_32 }, PE | PG | NE, false, false, false },
	{ "IA-32e with CS.L",     { PE | ET, PAE, LME, CODE_64 }, PE | PG | NE, false, false, false },
	{ "IA-32e off",           { PE | PG | ET, PAE, LME | LMA, CODE_32 }, PE | NE, true, false, true },
	{ "off in 64-bit mode",   { PE | PG | ET, PAE, LME | LMA, CODE_64 }, PE | NE, false, true, false },
	{ "PE off with PG",       { PE | PG | ET, PAE, LME | LMA, CODE_64 }, PG | NE, false, true, false },
	{ "NE in 64-bit mode",    { PE | PG | ET, PAE, LME | LMA, CODE_64 }, PE | PG | NE, true, true, false },
	/* clang-format on */
};

static bool flush_waits(void)
{
	return call_has_work(vp);
}

/* What the CPU gets: the guest's value but for the bits that are fixed. */
static void check_real(void)
{
	u64 fixed = OWNED | (with_shadow ? WP : 0);

	CHECK_EQ(port_vmcs_get(VMCS_GUEST_CR0) & fixed,
		 CR0_NE | (with_shadow ? WP : 0));
	CHECK_EQ(port_vmcs_get(VMCS_GUEST_CR0) & ~fixed,
		 port_vmcs_get(VMCS_CR0_SHADOW) & ~fixed);
	CHECK_EQ(port_vmcs_get(VMCS_GUEST_EFER) & ~EFER_NXE,
		 view_efer(vp) & ~EFER_NXE);
	if (with_shadow) {
		CHECK(port_vmcs_get(VMCS_GUEST_EFER) & EFER_NXE);
		CHECK(port_vmcs_get(VMCS_GUEST_CR4) & PAE);
	}
}

static void check_move(u32 i)
{
	static struct fake_vmcs before;
	struct guest_view view;
	bool ok;

	enter_mode(&moves[i].from);
	before = fake_vmcs;
	view = vp->own.view;
	ok = cr_write_cr0(vp, moves[i].value);
	check_eq(ok, moves[i].ok, moves[i].name, __FILE__, __LINE__);
	check_eq(flush_waits(), moves[i].flush, moves[i].name, __FILE__,
		 __LINE__);
	check_eq((view_efer(vp) & EFER_LMA) != 0, moves[i].lma, moves[i].name,
		 __FILE__, __LINE__);
	check_eq(view_efer(vp) & ~EFER_LMA, moves[i].from.efer & ~EFER_LMA,
		 moves[i].name, __FILE__, __LINE__);
	entry_rules_check_guest();
	if (!ok) {
		CHECK_EQ(memcmp(before.value, fake_vmcs.value,
				sizeof(before.value)),
			 0);
		CHECK_EQ(memcmp(&view, &vp->own.view, sizeof(view)), 0);
		return;
	}
	check_real();
	/* the guest reads what it wrote, except that ET is always 1 */
	CHECK_EQ(view_cr0(), (moves[i].value & ~(BIT(6) | BIT(17))) | ET);
}

static void t_moves(void)
{
	for (u32 i = 0; i < 2 * ARRAY_SIZE(moves); i++) {
		with_shadow = i & 1;
		check_move(i / 2);
	}
	with_shadow = false;
}

/* ---- PDPTEs: SDM 3A, "PDPTE Registers" ---- */

static const struct mode pae_off = {PE | ET, PAE, 0, CODE_32};

static bool pae_on_with(u32 index, u64 pdpte)
{
	enter_mode(&pae_off);
	memcpy(fake_ram(vp->partition, TABLE_GPA + 8 * index), &pdpte, 8);
	return cr_write_cr0(vp, PE | PG | NE);
}

static void t_pdptes_are_loaded(void)
{
	CHECK(pae_on_with(2, 0x5001));
	CHECK_EQ(port_vmcs_get(VMCS_GUEST_PDPTE0), 0x1001);
	CHECK_EQ(port_vmcs_get(VMCS_GUEST_PDPTE1), 0x2001);
	CHECK_EQ(port_vmcs_get(VMCS_GUEST_PDPTE2), 0x5001);
	CHECK_EQ(port_vmcs_get(VMCS_GUEST_PDPTE3), 0x3019);
}

static void t_pdpte_reserved_bits(void)
{
	static const u64 reserved = 0x1e6 | GENMASK(63, 52);

	for (u32 bit = 1; bit < 64; bit++) {
		bool is_reserved = (reserved & BIT(bit)) != 0;

		if (bit >= ENTRY_RULES_MAXPHYADDR && bit < 52) {
			continue; /* for the next row */
		}
		CHECK_EQ(pae_on_with(bit % 4, BIT(bit) | 1), !is_reserved);
		/* an entry that is not present has no reserved bits */
		CHECK(pae_on_with(bit % 4, BIT(bit)));
	}
}

/* A VM entry with such a PDPTE fails and would end the partition. */
static void t_pdpte_beyond_the_physical_width(void)
{
	for (u32 bit = ENTRY_RULES_MAXPHYADDR; bit < 52; bit++) {
		CHECK(!pae_on_with(bit % 4, BIT(bit) | 1));
		entry_rules_check_guest();
	}
}

static void t_pdptes_outside_ram(void)
{
	enter_mode(&pae_off);
	port_vmcs_set(VMCS_GUEST_CR3, FAKE_RAM);
	CHECK(!cr_write_cr0(vp, PE | PG | NE));
	port_vmcs_set(VMCS_GUEST_CR3, 0xfffff000);
	CHECK(!cr_write_cr0(vp, PE | PG | NE));
	/* bits 4:0 are not part of the address */
	port_vmcs_set(VMCS_GUEST_CR3, TABLE_GPA | 0x18);
	CHECK(cr_write_cr0(vp, PE | PG | NE));
	CHECK_EQ(port_vmcs_get(VMCS_GUEST_PDPTE1), 0x2001);
}

/*
 * "… any of CR0.CD, CR0.NW, CR0.PG": such a change loads the registers again.
 */
static void t_pdptes_again_with_cache_bits(void)
{
	static const struct mode pae_on = {PE | PG | ET, PAE, 0, CODE_32};
	static const u64 changed = 0x7001;

	enter_mode(&pae_on);
	memcpy(fake_ram(vp->partition, TABLE_GPA), &changed, 8);
	CHECK(cr_write_cr0(vp, PE | PG | CD));
	CHECK_EQ(port_vmcs_get(VMCS_GUEST_PDPTE0), 0x7001);
}

/*
 * SDM 3A, "Initializing IA-32e Mode": with a 16-bit TSS the switch is #GP, and
 * a VM entry would fail.
 */
static void t_ia32e_with_a_16_bit_tss(void)
{
	static const struct mode before = {PE | ET, PAE, LME, CODE_32};

	enter_mode(&before);
	port_vmcs_set(VMCS_GUEST_TR_ACCESS, 0x83);
	entry_rules_check_guest();
	CHECK(!cr_write_cr0(vp, PE | PG | NE));
	entry_rules_check_guest();
}

/*
 * The guest's PDPTEs are its view; the CPU has those of the software TLB's
 * tables. A load that fails changes neither.
 */
static void t_pdptes_with_a_software_tlb(void)
{
	static const u64 want[] = {0x1001, 0x2001, 0x5001, 0x3019};
	static const u64 bad = 3;

	with_shadow = true;
	CHECK(pae_on_with(2, want[2]));
	CHECK_EQ(memcmp(vp->own.view.pdpte, want, sizeof(want)), 0);
	CHECK_EQ(port_vmcs_get(VMCS_GUEST_PDPTE0), 0);
	CHECK_EQ(port_vmcs_get(VMCS_GUEST_CR3), 0);
	memcpy(fake_ram(vp->partition, TABLE_GPA), &bad, sizeof(bad));
	CHECK(!cr_load_pdptes(vp));
	CHECK_EQ(memcmp(vp->own.view.pdpte, want, sizeof(want)), 0);
	with_shadow = false;
}

static const struct test tests[] = {
	{"moves", t_moves},
	{"pdptes-are-loaded", t_pdptes_are_loaded},
	{"pdpte-reserved-bits", t_pdpte_reserved_bits},
	{"pdpte-beyond-the-physical-width", t_pdpte_beyond_the_physical_width},
	{"pdptes-outside-ram", t_pdptes_outside_ram},
	{"pdptes-again-with-cache-bits", t_pdptes_again_with_cache_bits},
	{"ia32e-with-a-16-bit-tss", t_ia32e_with_a_16_bit_tss},
	{"pdptes-with-a-software-tlb", t_pdptes_with_a_software_tlb},
};

const struct suite suite_cr = SUITE("cr", tests);
