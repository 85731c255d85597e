/* SPDX-License-Identifier: MIT */
/*
 * The paging registers as the guest sees them. With paging = ept the VMCS has
 * them; with a software TLB the CPU runs on other values, and the guest's are
 * in vp->own.view and in the read shadows. All functions are called on the
 * VP's own CPU, with its VMCS current.
 */
#ifndef HV_CORE_PAGING_GUEST_VIEW_H
#define HV_CORE_PAGING_GUEST_VIEW_H

#include "core/port/vmcs.h"
#include "core/state/vp.h"

struct published;

/* SDM 3C, "Guest/Host Masks and Read Shadows for CR0 and CR4" */
static inline u64 view_cr0(void)
{
	u64 owned = port_vmcs_get(VMCS_CR0_MASK);

	return (port_vmcs_get(VMCS_GUEST_CR0) & ~owned) |
	       (port_vmcs_get(VMCS_CR0_SHADOW) & owned);
}

static inline u64 view_cr4(void)
{
	u64 owned = port_vmcs_get(VMCS_CR4_MASK);

	return (port_vmcs_get(VMCS_GUEST_CR4) & ~owned) |
	       (port_vmcs_get(VMCS_CR4_SHADOW) & owned);
}

static inline u64 view_cr3(const struct vp *vp)
{
	return vp->shadow != NULL ? vp->own.view.cr3
				  : port_vmcs_get(VMCS_GUEST_CR3);
}

static inline u64 view_efer(const struct vp *vp)
{
	return vp->shadow != NULL ? vp->own.view.efer
				  : port_vmcs_get(VMCS_GUEST_EFER);
}

/*
 * Set one of them, unchecked. With a software TLB shadow_vmcs_sync() has to be
 * called before the next entry.
 */
void view_set_cr3(struct vp *vp, u64 value);
void view_set_cr4(struct vp *vp, u64 value);
void view_set_efer(struct vp *vp, u64 value);
void view_set_pdptes(struct vp *vp, const u64 pdpte[4]);

/*
 * Replaces the registers that were read from the VMCS of a VP with a software
 * TLB by those that the guest sees, PDPTEs too.
 */
void view_correct(const struct vp *vp, struct published *regs);

#endif
