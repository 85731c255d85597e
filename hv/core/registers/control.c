/* SPDX-License-Identifier: MIT */
/* Checks what the CPU checks itself when the guest writes these registers. */
#include "core/registers/control.h"

#include "core/emulate/cpuid.h"
#include "core/paging/guest_view.h"
#include "core/port/port.h"
#include "core/port/vmcs.h"
#include "core/state/partition.h"
#include "core/state/vp.h"
#include "core/vp/cr.h"
#include "core/vp/shadow_vmcs.h"
#include "x86/cr.h"
#include "x86/msr.h"

#define CR4_LOADS_PDPTES (CR4_PAE | CR4_PGE | CR4_PSE | CR4_SMEP)

#define CPUID_EXTENDED      0x80000001u
#define CPUID_ADDRESS_SIZES 0x80000008u
#define EXTENDED_SYSCALL    BIT(11)
#define EXTENDED_NX         BIT(20)
#define EXTENDED_LM         BIT(29)

static void flush(struct vp *vp)
{
	__atomic_fetch_or(vp->flush_full, vp->bank_bit, __ATOMIC_SEQ_CST);
}

/* Would PAE paging be on if CR4 were `cr4`? */
static bool is_pae(const struct vp *vp, u64 cr4)
{
	return (port_vmcs_get(VMCS_GUEST_CR0) & CR0_PG) && (cr4 & CR4_PAE) &&
	       !(view_efer(vp) & EFER_LMA);
}

/* Without a flush. */
static bool load_cr3(struct vp *vp, u64 value)
{
	u64 old = view_cr3(vp);
	u32 out[4];

	port_cpuid(CPUID_ADDRESS_SIZES, 0, out);
	if (value >> (out[CPUID_EAX] & 0xff) != 0) {
		return false;
	}
	view_set_cr3(vp, value);
	if (is_pae(vp, view_cr4()) && !cr_load_pdptes(vp)) {
		view_set_cr3(vp, old);
		return false;
	}
	return true;
}

bool cr_set_cr3(struct vp *vp, u64 value)
{
	if (!load_cr3(vp, value)) {
		return false;
	}
	flush(vp);
	return true;
}

/* SDM 2B, "MOV—Move to/from Control Registers" */
bool cr_guest_cr3(struct vp *vp, u64 raw_value)
{
	u64 no_flush = view_cr4() & CR4_PCIDE ? CR3_NO_FLUSH : 0;

	if (!load_cr3(vp, raw_value & ~no_flush)) {
		return false;
	}
	shadow_vmcs_load(vp, (raw_value & no_flush) != 0);
	return true;
}

bool cr_set_cr4(struct vp *vp, u64 value)
{
	u64 changed = view_cr4() ^ value;

	if ((value & ~cpuid_cr4_allowed(vp)) != 0) {
		return false;
	}
	if (!(value & CR4_PAE) && (view_efer(vp) & EFER_LMA)) {
		return false;
	}
	if ((changed & value & CR4_PCIDE) &&
	    (!(view_efer(vp) & EFER_LMA) || (view_cr3(vp) & CR3_PCID))) {
		return false;
	}
	if ((changed & CR4_LOADS_PDPTES) && is_pae(vp, value) &&
	    !cr_load_pdptes(vp)) {
		return false;
	}
	view_set_cr4(vp, value);
	flush(vp);
	return true;
}

/* EFER bits that this VP has, LMA aside. */
static u64 efer_allowed(const struct vp *vp)
{
	u32 out[4];

	cpuid_emulate(vp, CPUID_EXTENDED, 0, out);
	return (out[CPUID_EDX] & EXTENDED_SYSCALL ? EFER_SCE : 0) |
	       (out[CPUID_EDX] & EXTENDED_NX ? EFER_NXE : 0) |
	       (out[CPUID_EDX] & EXTENDED_LM ? EFER_LME : 0);
}

/* SDM 3A, "Initializing IA-32e Mode": LME is fixed while paging is on. */
bool cr_set_efer(struct vp *vp, u64 value)
{
	u64 old = view_efer(vp);
	bool paging = (port_vmcs_get(VMCS_GUEST_CR0) & CR0_PG) != 0;
	u64 lma = paging && (value & EFER_LME) ? EFER_LMA : 0;

	if ((value & ~EFER_LMA & ~efer_allowed(vp)) ||
	    (value & EFER_LMA) != lma ||
	    (paging && ((old ^ value) & EFER_LME))) {
		return false;
	}
	view_set_efer(vp, value);
	if ((old ^ value) & EFER_NXE) {
		flush(vp);
	}
	return true;
}

bool cr_guest_efer(struct vp *vp, u64 raw_value)
{
	u64 lma = view_efer(vp) & EFER_LMA;

	return cr_set_efer(vp, (raw_value & ~EFER_LMA) | lma);
}
