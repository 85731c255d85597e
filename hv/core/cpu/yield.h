/* SPDX-License-Identifier: MIT */
/*
 * A VP waits for another one, which may wait for the same CPU: the turn is
 * passed on. That a VP waits is told by a hypercall, or by a loop of PAUSEs.
 */
#ifndef HV_CORE_CPU_YIELD_H
#define HV_CORE_CPU_YIELD_H

#include "core/cpu/due.h"
#include "core/state/cpu.h"

/*
 * The turn of `vp` ends, once, if another VP of its CPU could run; else nothing
 * changes, and the VP is entered again without a scan. Called on its own CPU,
 * with the VP as the last that was armed (sched_arm).
 */
static inline void yield_once(struct vp *vp)
{
	struct cpu *cpu = vp->cpu;

	if (cpu->sliced) {
		cpu->yield = true;
		due_note(vp);
	}
}

#endif
