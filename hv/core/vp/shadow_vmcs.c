/* SPDX-License-Identifier: MIT */
/*
 * INVVPID follows each removal: the CPU caches what it made from the tables,
 * and neither VM entry nor a write of GUEST_CR3 makes it forget. SDM 3C,
 * "Operations that Invalidate Cached Mappings".
 */
#include "core/vp/shadow_vmcs.h"

#include "core/paging/published.h"
#include "core/paging/shadow.h"
#include "core/port/port.h"
#include "core/port/vmcs.h"
#include "core/state/machine.h"
#include "x86/cr.h"

/* Pages of 1 GiB are hidden: the tables have none. */
bool shadow_vmcs_state(const struct vp *vp, struct walk_state *state)
{
	struct published regs;

	published_read_own(vp, &regs);
	walk_state(state, &regs);
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
static void write_tables(const struct shadow *shadow)
{
	if (shadow->is_long) {
		port_vmcs_set(VMCS_GUEST_CR3, shadow->root);
		return;
	}
	port_vmcs_set(VMCS_GUEST_PDPTE0, shadow->pdpte[0]);
	port_vmcs_set(VMCS_GUEST_PDPTE1, shadow->pdpte[1]);
	port_vmcs_set(VMCS_GUEST_PDPTE2, shadow->pdpte[2]);
	port_vmcs_set(VMCS_GUEST_PDPTE3, shadow->pdpte[3]);
}

void shadow_vmcs_sync(struct vp *vp)
{
	struct shadow *shadow = vp->shadow;

	write_tables(shadow);
	if (shadow->invvpid_due) {
		port_invvpid(machine.invvpid_context, vp, (gva_t){0});
		shadow->invvpid_due = false;
	}
}
