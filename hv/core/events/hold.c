/* SPDX-License-Identifier: MIT */
/*
 * The word of owners, and the copy of it that the VP's own CPU goes by. Only
 * that CPU writes the copy, so that it also is the acknowledgement.
 */
#include "core/events/hold.h"

#include "core/events/post.h"

void hold_set(struct vp *vp, u64 owner)
{
	/* before the event: whoever takes the event sees the owner.
	   rule: owner-before-event */
	__atomic_fetch_or(&vp->shared.hold, owner, __ATOMIC_SEQ_CST);
	vp_post(vp, VP_EVENT_HOLD);
}

void hold_clear(struct vp *vp, u64 owner)
{
	__atomic_fetch_and(&vp->shared.hold, ~owner, __ATOMIC_SEQ_CST);
	vp_post(vp, VP_EVENT_HOLD);
}

void hold_note(struct vp *vp)
{
	u64 owners = __atomic_load_n(&vp->shared.hold, __ATOMIC_ACQUIRE);

	/* pairs with hold_is_out() */
	__atomic_store_n(&vp->own.held, owners, __ATOMIC_RELEASE);
	vp->own.due = true;
}
