/* SPDX-License-Identifier: MIT */
/*
 * The paging registers of a VP for others to read. Only the VP's own CPU may
 * VMREAD them, so it copies them at each exit, without being asked.
 * rule: registers-are-published
 */
#ifndef HV_CORE_PAGING_PUBLISHED_H
#define HV_CORE_PAGING_PUBLISHED_H

#include "core/state/published.h"
#include "core/state/vp.h"

/*
 * Publishes the registers of `vp`, whose VMCS is current, if VPs of its
 * partition publish. Called where root mode has changed them and the VP will
 * not run at once (INIT, SIPI).
 */
void published_update(struct vp *vp);

/*
 * The two halves, for a VM exit of a VP without a software TLB whose partition
 * publishes. published_begin() comes before the run word is even: whoever sees
 * that word then waits for published_end(), and nobody else has to. At a VM
 * exit entry.S does what published_begin() does. rule: registers-are-published
 */
static inline void published_begin(struct vp *vp)
{
	/* odd before the first word, and before the even run word; pairs with
	   load() */
	__atomic_store_n(&vp->own.published_seq, vp->own.published_seq + 1,
			 __ATOMIC_RELAXED);
}

void published_end(struct vp *vp);

/*
 * The registers of `target` at an instant after the call began: kicks it if it
 * is in guest mode and waits until it is out. `self` is the VP that asks: its
 * VMCS is current, and the run word of its CPU even.
 */
void published_read(struct vp *self, struct vp *target, struct published *out);

/* The same of the VP itself, as the guest sees them. Its VMCS is current. */
void published_read_own(const struct vp *vp, struct published *out);

#endif
