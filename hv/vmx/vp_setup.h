/* SPDX-License-Identifier: MIT */
/* The VMCS of a VP, from nothing to ready. */
#ifndef HV_VMX_VP_SETUP_H
#define HV_VMX_VP_SETUP_H

#include "common/platform/caps.h"

struct vp;

/*
 * One MSR bitmap for all VPs (core/emulate/msr.h). `caps`: those of each CPU by
 * its number, which vp_setup() reads. Boot CPU, before launch.
 */
void vp_setup_prepare(const struct caps_raw *caps);

/*
 * Makes the VMCS of `vp` current on this CPU, the VP's own, and fills it. Its
 * page is all 0 before.
 */
void vp_setup(struct vp *vp);

#endif
