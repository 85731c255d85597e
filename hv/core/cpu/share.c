/* SPDX-License-Identifier: MIT */
/* Sums per VP; the stretch that has not ended is added when somebody asks. */
#include "core/cpu/share.h"

#include "core/state/cpu.h"
#include "core/state/vp.h"

void share_charge(struct cpu *cpu, struct vp *next, u64 now)
{
	struct vp *vp = cpu->charged;

	if (vp != NULL) {
		__atomic_store_n(&vp->own.cpu_ticks,
				 vp->own.cpu_ticks + now - cpu->charged_from,
				 __ATOMIC_RELAXED);
	}
	__atomic_store_n(&cpu->charged_from, now, __ATOMIC_RELAXED);
	__atomic_store_n(&cpu->charged, next, __ATOMIC_RELAXED);
}

u64 share_ticks(const struct vp *vp, u64 now)
{
	u64 ticks = __atomic_load_n(&vp->own.cpu_ticks, __ATOMIC_RELAXED);
	u64 from = __atomic_load_n(&vp->cpu->charged_from, __ATOMIC_RELAXED);

	/* the counters of CPUs may differ a little */
	if (__atomic_load_n(&vp->cpu->charged, __ATOMIC_RELAXED) == vp &&
	    now > from) {
		ticks += now - from;
	}
	return ticks;
}
