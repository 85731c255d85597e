/* SPDX-License-Identifier: MIT */
/* The VMCS of a VP, from nothing to ready. */
#ifndef HV_VMX_VP_SETUP_H
#define HV_VMX_VP_SETUP_H

#include "common/platform/caps.h"
#include "core/lifecycle/build.h"

struct vp;

/* One MSR bitmap for all VPs (core/emulate/msr.h). Boot CPU, before launch. */
void vp_setup_prepare(void);

/*
 * Makes the VMCS of `vp` current on this CPU, the VP's own, and fills it.
 * `entry`: how the boot processor starts, NULL for all others.
 */
void vp_setup(struct vp *vp, const struct caps_raw *caps,
	      const struct build_entry *entry);

#endif
