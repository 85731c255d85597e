/* SPDX-License-Identifier: MIT */
/* Emulates MOV to CR0 as the CPU would execute it. */
#include "core/vp/cr.h"

#include "core/paging/guest_view.h"
#include "core/port/vmcs.h"
#include "core/state/partition.h"
#include "core/state/vp.h"
#include "x86/msr.h"

#define CR0_DEFINED                                                            \
	(CR0_PE | CR0_MP | CR0_EM | CR0_TS | CR0_ET | CR0_NE | CR0_WP |        \
	 CR0_AM | CR0_NW | CR0_CD | CR0_PG)

#define PDPTE_PRESENT  BIT(0)
#define PDPTE_RESERVED (GENMASK(2, 1) | GENMASK(8, 5) | GENMASK(63, 52))

/* A change of these loads the PDPTE registers while PAE paging is on */
#define CR0_LOADS_PDPTES (CR0_PG | CR0_CD | CR0_NW)

#define CPUID_ADDRESS_SIZES 0x80000008u
#define ACCESS_TYPE         GENMASK(3, 0)
#define TYPE_TSS16_BUSY     3

/* Bits of a present PDPTE that must be 0 on this CPU. */
static u64 pdpte_reserved(void)
{
	u32 out[4];

	port_cpuid(CPUID_ADDRESS_SIZES, 0, out);
	return PDPTE_RESERVED | (~0ull << (out[0] & 0xff));
}

bool cr_load_pdptes(struct vp *vp)
{
	gpa_t table = {view_cr3(vp) & CR3_PAE_BASE};
	u64 reserved = pdpte_reserved();
	u64 pdpte[4];

	if (port_read_guest(vp->partition, table, pdpte, sizeof(pdpte)) !=
	    ERR_OK) {
		return false;
	}
	for (u32 i = 0; i < ARRAY_SIZE(pdpte); i++) {
		if ((pdpte[i] & PDPTE_PRESENT) && (pdpte[i] & reserved)) {
			return false;
		}
	}
	view_set_pdptes(vp, pdpte);
	return true;
}

static void set_lma(struct vp *vp, u64 efer, bool on)
{
	u64 entry = port_vmcs_get(VMCS_ENTRY_CONTROLS) & ~VMX_ENTRY_IA32E;

	view_set_efer(vp, on ? efer | EFER_LMA : efer & ~EFER_LMA);
	port_vmcs_set(VMCS_ENTRY_CONTROLS,
		      on ? entry | VMX_ENTRY_IA32E : entry);
}

/* SDM 3A, "Initializing IA-32e Mode": what makes PG 0 → 1 a #GP there. */
static bool may_enter_ia32e(u64 cr4)
{
	u64 tr = port_vmcs_get(VMCS_GUEST_TR_ACCESS);

	return (cr4 & CR4_PAE) &&
	       !(port_vmcs_get(VMCS_GUEST_CS_ACCESS) & VMX_ACCESS_L) &&
	       FIELD_GET(ACCESS_TYPE, tr) != TYPE_TSS16_BUSY;
}

/* PG 0 → 1, or PG stays and a bit changes that loads the PDPTEs */
static bool paging_on(struct vp *vp, bool was_on)
{
	u64 efer = view_efer(vp);
	u64 cr4 = view_cr4();

	if (efer & EFER_LME) {
		if (was_on) {
			return true;
		}
		if (!may_enter_ia32e(cr4)) {
			return false;
		}
		set_lma(vp, efer, true);
		return true;
	}
	return !(cr4 & CR4_PAE) || cr_load_pdptes(vp);
}

/* PG 1 → 0: not from 64-bit mode, and not with PCIDs */
static bool paging_off(struct vp *vp)
{
	u64 efer = view_efer(vp);

	if (view_cr4() & CR4_PCIDE) {
		return false;
	}
	if (efer & EFER_LMA) {
		if (port_vmcs_get(VMCS_GUEST_CS_ACCESS) & VMX_ACCESS_L) {
			return false;
		}
		set_lma(vp, efer, false);
	}
	return true;
}

static bool is_legal(u64 value)
{
	return !(value >> 32) && (!(value & CR0_PG) || (value & CR0_PE)) &&
	       (!(value & CR0_NW) || (value & CR0_CD));
}

bool cr_write_cr0(struct vp *vp, u64 raw_value)
{
	u64 old = view_cr0();
	u64 value = (raw_value & CR0_DEFINED) | CR0_ET;
	u64 changed = old ^ value;

	if (!is_legal(raw_value)) {
		return false;
	}
	if ((value & CR0_PG) && (changed & CR0_LOADS_PDPTES) &&
	    !paging_on(vp, (old & CR0_PG) != 0)) {
		return false;
	}
	if ((old & CR0_PG) && !(value & CR0_PG) && !paging_off(vp)) {
		return false;
	}
	port_vmcs_set(VMCS_GUEST_CR0, (value & ~CR_CR0_OWNED) | CR0_NE |
					      (vp->shadow ? CR0_WP : 0));
	port_vmcs_set(VMCS_CR0_SHADOW, value);
	/* paging changed: SDM 3A, "Operations that Invalidate TLBs" */
	if (changed & (CR0_PG | CR0_WP)) {
		__atomic_fetch_or(vp->flush_full, vp->bank_bit,
				  __ATOMIC_SEQ_CST);
	}
	return true;
}
