/* SPDX-License-Identifier: MIT */
/*
 * Holding a VP: as long as an owner holds it, it is not entered. Everything
 * else goes on as for a VP that sleeps: its CPU serves events, flush work and
 * its timer; interrupts and NMIs stay pending; INIT and STOP act at once.
 */
#ifndef HV_CORE_EVENTS_HOLD_H
#define HV_CORE_EVENTS_HOLD_H

#include "core/state/vp.h"

/* Who holds it; a VP runs when the last one lets it go */
#define HOLD_CONSOLE BIT(0) /* `suspend` of the debug console */
#define HOLD_GDB     BIT(1) /* the partition is stopped by its debugger */

/*
 * `owner` (HOLD_*) holds `vp`, or lets it go. Any CPU may call them; they do
 * not wait. For the VP's CPU the new state holds from its next look at the
 * events on; where the VP is in guest mode it is kicked out.
 */
void hold_set(struct vp *vp, u64 owner);
void hold_clear(struct vp *vp, u64 owner);

/* The owners that hold `vp` by now, whether its CPU has seen it or not. */
static inline u64 hold_owners(const struct vp *vp)
{
	return __atomic_load_n(&vp->shared.hold, __ATOMIC_RELAXED);
}

/*
 * True once the CPU of `vp` has seen that `owner` holds it, so that the VP is
 * out of guest mode until `owner` calls hold_clear(), or when it has stopped.
 * Any CPU; everything that the VP's CPU did before is visible then.
 */
static inline bool hold_is_out(const struct vp *vp, u64 owner)
{
	/* pairs with hold_note(). rule: out-by-its-own-copy */
	return (__atomic_load_n(&vp->own.held, __ATOMIC_ACQUIRE) & owner) ||
	       __atomic_load_n(&vp->own.state, __ATOMIC_ACQUIRE) == VP_STOPPED;
}

/* May `vp` be entered? Called on its own CPU. */
static inline bool hold_may_run(const struct vp *vp)
{
	/* rule: held-is-not-entered */
	return vp->own.state == VP_RUNNABLE && vp->own.held == 0;
}

/*
 * Takes over who holds `vp`: the event HOLD, and the start of a VP. Called on
 * its own CPU, with the run word even.
 */
void hold_note(struct vp *vp);

#endif
