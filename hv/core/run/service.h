/* SPDX-License-Identifier: MIT */
/* What a CPU does for its VP between two stretches of guest mode. */
#ifndef HV_CORE_RUN_SERVICE_H
#define HV_CORE_RUN_SERVICE_H

#include "base/types.h"

struct cpu;
struct vp;

/*
 * Acts on everything that waits for `vp`: events, flush work, timer, NMIs and
 * interrupts. Afterwards hold_may_run() says whether it may be entered. Called
 * on the VP's own CPU, with its VMCS current and the run word even.
 */
void service_vp(struct vp *vp);

/*
 * run_enter() has refused `vp`. Flush work alone is done at once, which spares
 * it service_vp(); anything else is noted for that, or for the look. Called on
 * the VP's own CPU, with its VMCS current, the run word even, and nothing due
 * for the VP.
 */
void service_posted(struct cpu *cpu, struct vp *vp);

/*
 * The guest executed HLT: sleep until service_vp() finds a reason to wake. Its
 * deadline is this value until then: something may be pending already.
 */
#define SERVICE_HALT_DEADLINE 0
void service_halt(struct vp *vp);

#endif
