/* SPDX-License-Identifier: MIT */
/* Events for a VP: post, full barrier, look at the run word, kick. */
#include "core/vp.h"

#include "core/port.h"
#include "core/run.h"

void vp_post(struct vp *vp, u64 event)
{
	u64 run;

	if (event & VP_EVENT_INIT) {
		/* a SIPI from before it is not for the VP behind it */
		__atomic_fetch_and(&vp->events, ~VP_EVENT_SIPI,
				   __ATOMIC_RELAXED);
	}
	/* LOCK OR: the full barrier; pairs with run_enter(), run_idle_begin()
	 */
	__atomic_fetch_or(&vp->events, event, __ATOMIC_SEQ_CST);
	run = run_read(vp->cpu);
	if (run_has(run, vp) || (run & RUN_IDLE)) {
		port_kick(vp->cpu);
	}
}

void vp_post_irq(struct vp *vp, u8 vector)
{
	__atomic_fetch_or(&vp->posted_irr[vector / 64], BIT(vector % 64),
			  __ATOMIC_RELAXED);
	vp_post(vp, VP_EVENT_IRQ);
}

void vp_post_sipi(struct vp *vp, u8 vector)
{
	if (__atomic_load_n(&vp->events, __ATOMIC_ACQUIRE) & VP_EVENT_SIPI) {
		return; /* the first of two counts */
	}
	__atomic_store_n(&vp->sipi_vector, vector, __ATOMIC_RELAXED);
	vp_post(vp, VP_EVENT_SIPI);
}
