/* SPDX-License-Identifier: MIT */
/* What a CPU does for its VP between two stretches of guest mode. */
#ifndef HV_CORE_RUN_SERVICE_H
#define HV_CORE_RUN_SERVICE_H

#include "base/types.h"

struct cpu;
struct vp;

/*
 * Acts on everything that waits for `vp`: events, flush work, timer, NMIs and
 * interrupts. Afterwards vp->own.state says whether it may be entered. Called
 * on the VP's own CPU, with its VMCS current and the run word even.
 */
void service_vp(struct vp *vp);

/* The guest executed HLT: sleep until service_vp() finds a reason to wake. */
void service_halt(struct vp *vp);

#endif
