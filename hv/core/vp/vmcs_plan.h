/* SPDX-License-Identifier: MIT */
/*
 * What the guest-state and control fields of a VMCS hold at a VP's start, as
 * tables that host tests check against the SDM's entry rules.
 */
#ifndef HV_CORE_VP_VMCS_PLAN_H
#define HV_CORE_VP_VMCS_PLAN_H

#include "x86/vmcs.h"

struct caps_raw;
struct image_plan;
struct vp;

struct vmcs_write {
	enum vmcs_field field;
	u64 value;
};

/*
 * Execution, exit and entry controls for `vp` on a CPU with `caps`; notes the
 * processor-based controls in the VP. VMCS current.
 */
void vmcs_plan_apply_controls(struct vp *vp, const struct caps_raw *caps);

/* The states of SDM 3A, "Processor State After Reset", for INIT and SIPI. */
void vmcs_plan_apply_init(struct vp *vp);
void vmcs_plan_apply_sipi(struct vp *vp, u8 vector);

/* The state of the PVH standard: 32-bit, flat, unpaged; EBX = start info. */
void vmcs_plan_apply_pvh(struct vp *vp, u32 entry, u32 start_info);

/*
 * The state in which an image starts. Reads the guest's page tables, and
 * executes INVVPID, where the VP has a software TLB.
 */
void vmcs_plan_apply_image(struct vp *vp, const struct image_plan *plan);

#endif
