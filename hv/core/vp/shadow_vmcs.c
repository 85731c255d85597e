/* SPDX-License-Identifier: MIT */
/*
 * INVVPID follows each removal: the CPU caches what it made from the tables,
 * and neither VM entry nor a write of GUEST_CR3 makes it forget. SDM 3C,
 * "Operations that Invalidate Cached Mappings".
 */
#include "core/vp/shadow_vmcs.h"

#include "common/lib/mem.h"
#include "core/paging/ept.h"
#include "core/paging/shadow.h"
#include "core/port/port.h"
#include "core/port/vmcs.h"
#include "core/state/machine.h"
#include "x86/cr.h"
#include "x86/msr.h"

/*
 * Runs at each page fault. What decides about a walk is in the read shadows:
 * CR_CR0_OWNED_SHADOW, CR_CR4_OWNED_SHADOW. Pages of 1 GiB are hidden. PAT is
 * not asked for: the tables have its index.
 */
bool shadow_vmcs_state(const struct vp *vp, struct walk_state *state)
{
	const struct guest_view *view = &vp->own.view;

	state->cr0 = port_vmcs_get(VMCS_CR0_SHADOW);
	state->cr3 = view->cr3;
	state->cr4 = port_vmcs_get(VMCS_CR4_SHADOW);
	state->efer = view->efer;
	state->rflags = port_vmcs_get(VMCS_GUEST_RFLAGS);
	state->pat = 0;
	if (UNLIKELY(!(view->efer & EFER_LMA))) {
		memcpy(state->pdpte, view->pdpte, sizeof(state->pdpte));
	}
	state->cpl = (u32)FIELD_GET(VMX_ACCESS_DPL,
				    port_vmcs_get(VMCS_GUEST_SS_ACCESS));
	state->address_bits = vp->shadow->address_bits;
	state->has_1g_pages = false;
	return (state->cr0 & CR0_PG) != 0;
}

void shadow_vmcs_load(struct vp *vp, bool keep)
{
	struct walk_state state;

	if (shadow_vmcs_state(vp, &state)) {
		shadow_load(vp->shadow, &state, keep);
		shadow_vmcs_sync(vp);
	}
}

/* SDM 3C, "Loading Page-Directory-Pointer-Table Entries" */
static void write_tables(const struct vp *vp, const struct shadow *shadow)
{
	if (shadow->is_long) {
		port_vmcs_set(VMCS_GUEST_CR3, shadow->root);
		return;
	}
	memcpy(vp->pdptes, shadow->pdpte, sizeof(shadow->pdpte));
	port_vmcs_set(VMCS_GUEST_CR3,
		      EPT_PDPTES_BASE + vp->number * sizeof(shadow->pdpte));
	port_vmcs_set(VMCS_GUEST_PDPTE0, shadow->pdpte[0]);
	port_vmcs_set(VMCS_GUEST_PDPTE1, shadow->pdpte[1]);
	port_vmcs_set(VMCS_GUEST_PDPTE2, shadow->pdpte[2]);
	port_vmcs_set(VMCS_GUEST_PDPTE3, shadow->pdpte[3]);
}

void shadow_vmcs_sync(struct vp *vp)
{
	struct shadow *shadow = vp->shadow;

	write_tables(vp, shadow);
	if (shadow->invvpid_due) {
		port_invvpid(machine.invvpid_context, vp, (gva_t){0});
		shadow->invvpid_due = false;
	}
}
