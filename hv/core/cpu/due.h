/* SPDX-License-Identifier: MIT */
/*
 * What is due for a VP: everything that service_vp() has to do before the VP
 * executes guest code. Its own CPU notes it in vp->own.due, which needs no
 * atomic operation; other CPUs post it as events, as flush bits of its bank
 * (so that a flush of all VPs costs an OR for each bank), or as ranges in its
 * queue.
 */
#ifndef HV_CORE_CPU_DUE_H
#define HV_CORE_CPU_DUE_H

#include "core/state/vp.h"

/*
 * State, NMIs, interrupts or the timer of `vp` need a look. Called on its own
 * CPU.
 */
static inline void due_note(struct vp *vp)
{
	vp->own.due = true;
}

static inline bool due_has_events(const struct vp *vp)
{
	return __atomic_load_n(&vp->shared.events, __ATOMIC_RELAXED) != 0;
}

/*
 * True if other CPUs have posted something for `vp`. Plain loads: an answer
 * that must not miss anything needs a full barrier before it, as in
 * run_enter().
 */
static inline bool due_is_posted(const struct vp *vp)
{
	u64 bits = __atomic_load_n(vp->flush_full, __ATOMIC_RELAXED) |
		   __atomic_load_n(vp->flush_nonglobal, __ATOMIC_RELAXED);

	return (__atomic_load_n(&vp->shared.events, __ATOMIC_RELAXED) |
		(bits & vp->bank_bit) |
		__atomic_load_n(&vp->shared.queue.count, __ATOMIC_RELAXED)) !=
	       0;
}

#endif
