/* SPDX-License-Identifier: MIT */
/* Events for a VP: post, full barrier, look at the run word, kick. */
#include "core/events/post.h"

#include "core/state/vp.h"

#include "core/cpu/run_word.h"
#include "core/port/port.h"
#include "core/trace/record.h"

/*
 * True if the CPU of `vp` must be kicked to see an event of `vp` soon. A CPU
 * that runs another VP leaves guest mode by itself if that VP has a slice.
 */
static bool needs_kick(const struct vp *vp, u64 run)
{
	/* rule: kick-idle-cpu */
	if (run & RUN_IDLE) {
		return true;
	}
	/* rule: kick-where-vp-runs, kick-where-no-slice */
	return (run & RUN_GUEST) &&
	       (run_has(run, vp) ||
		!__atomic_load_n(&vp->cpu->sliced, __ATOMIC_RELAXED));
}

void vp_post(struct vp *vp, u64 event)
{
	struct cpu *cpu = vp->cpu;
	u64 run;

	if (event & VP_EVENT_INIT) {
		/* a SIPI that came before the INIT has no effect after it */
		__atomic_fetch_and(&vp->shared.events, ~VP_EVENT_SIPI,
				   __ATOMIC_RELAXED);
	}
	/* LOCK OR: the full barrier; pairs with run_enter() and
	   run_idle_begin(). rule: event-before-run-word */
	__atomic_fetch_or(&vp->shared.events, event, __ATOMIC_SEQ_CST);
	if (cpu->vp_count > 1) {
		/* set after the event, so whoever clears it sees the event;
		   XCHG pairs with the look of run_enter().
		   rule: attention-after-event, attention-for-other-vp,
		   attention-before-run-word */
		__atomic_exchange_n(&cpu->attention, 1, __ATOMIC_SEQ_CST);
	}
	run = run_read(cpu);
	if (needs_kick(vp, run)) {
		record_post_kick(cpu, run, event);
		port_kick(cpu);
	}
}

void vp_post_irq(struct vp *vp, u8 vector)
{
	__atomic_fetch_or(&vp->shared.posted_irr[vector / 64], BIT(vector % 64),
			  __ATOMIC_RELAXED);
	vp_post(vp, VP_EVENT_IRQ);
}

void vp_post_sipi(struct vp *vp, u8 vector)
{
	if (__atomic_load_n(&vp->shared.events, __ATOMIC_ACQUIRE) &
	    VP_EVENT_SIPI) {
		return; /* of two SIPIs the first counts */
	}
	__atomic_store_n(&vp->shared.sipi_vector, vector, __ATOMIC_RELAXED);
	vp_post(vp, VP_EVENT_SIPI);
}
