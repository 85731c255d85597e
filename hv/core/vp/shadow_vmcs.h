/* SPDX-License-Identifier: MIT */
/*
 * Between a VP's software TLB and its VMCS: which registers it is asked with,
 * and which tables the CPU uses. All functions are called on the VP's own CPU,
 * with its VMCS current and the run word even, for a VP with vp->shadow.
 * rule: removal-needs-invvpid
 */
#ifndef HV_CORE_VP_SHADOW_VMCS_H
#define HV_CORE_VP_SHADOW_VMCS_H

#include "core/paging/walk.h"
#include "core/state/shadow.h"
#include "core/state/vp.h"

/* The guest's view, as walks need it. False: paging is off. */
bool shadow_vmcs_state(const struct vp *vp, struct walk_state *state);

/*
 * MOV CR3: the tree of the new CR3 becomes current. `keep` as for
 * shadow_load(). Nothing while paging is off.
 */
void shadow_vmcs_load(struct vp *vp, bool keep);

/*
 * After calls of core/paging/shadow.h: the VMCS names the current tables, and
 * the CPU has forgotten what they no longer say.
 */
void shadow_vmcs_sync(struct vp *vp);

/* Nothing is removed or replaced that the CPU may still know. */
static inline bool shadow_vmcs_is_synced(const struct vp *vp)
{
	return vp->shadow == NULL || !vp->shadow->invvpid_due;
}

#endif
