/* SPDX-License-Identifier: MIT */
/* Which register goes where: the VMCS, or the VP's own copy. */
#include "core/paging/guest_view.h"

#include "common/lib/mem.h"
#include "core/state/published.h"
#include "x86/cr.h"
#include "x86/msr.h"

void view_set_cr3(struct vp *vp, u64 value)
{
	if (vp->shadow != NULL) {
		vp->own.view.cr3 = value;
	} else {
		port_vmcs_set(VMCS_GUEST_CR3, value);
	}
}

/*
 * The CPU's tables are those of PAE or 4-level paging, without PCIDs and
 * global pages, whatever the guest's are.
 */
void view_set_cr4(struct vp *vp, u64 value)
{
	u64 real = value | CR4_VMXE | CR4_MCE; /* rule: fixed-bits-stay */

	if (vp->shadow != NULL) {
		real = (real | CR4_PAE) & ~(CR4_PCIDE | CR4_PGE);
		port_vmcs_set(VMCS_CR4_SHADOW, value);
	}
	port_vmcs_set(VMCS_GUEST_CR4, real);
}

/* The CPU's tables use NX to keep supervisor code out of user pages. */
void view_set_efer(struct vp *vp, u64 value)
{
	if (vp->shadow != NULL) {
		vp->own.view.efer = value;
		value |= EFER_NXE;
	}
	port_vmcs_set(VMCS_GUEST_EFER, value);
}

void view_set_pdptes(struct vp *vp, const u64 pdpte[4])
{
	static const enum vmcs_field fields[] = {
		VMCS_GUEST_PDPTE0, VMCS_GUEST_PDPTE1, VMCS_GUEST_PDPTE2,
		VMCS_GUEST_PDPTE3};

	for (u32 i = 0; i < ARRAY_SIZE(fields); i++) {
		if (vp->shadow != NULL) {
			vp->own.view.pdpte[i] = pdpte[i];
		} else {
			port_vmcs_set(fields[i], pdpte[i]);
		}
	}
}

void view_correct(const struct vp *vp, struct published *regs)
{
	const struct guest_view *view = &vp->own.view;

	regs->cr0 = view_cr0();
	regs->cr3 = view->cr3;
	regs->cr4 = view_cr4();
	regs->efer = view->efer;
	memcpy(regs->pdpte, view->pdpte, sizeof(regs->pdpte));
}
