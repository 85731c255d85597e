/* SPDX-License-Identifier: MIT */
/* The hand-over of a command between the shell and the CPU of a VP. */
#include "core/debug/at_vp.h"

#include "common/lib/mem.h"
#include "core/events/post.h"
#include "core/state/cpu.h"
#include "core/state/vp.h"

enum owner {
	OWNER_NOBODY, /* or the boot CPU, while it posts */
	OWNER_CPU,    /* that of call.vp */
	OWNER_BACK,   /* the boot CPU's again, not yet fetched */
};

static struct {
	u32 owner; /* atomic; hands `call` over */
	struct debug_call call;
	const struct debug_call *asker; /* the boot CPU's; NULL: given up */
} inspection;

static enum owner owner_now(void)
{
	/* pairs with debug_at_vp_serve(): the answer comes with the word */
	return (enum owner)__atomic_load_n(&inspection.owner, __ATOMIC_ACQUIRE);
}

void debug_at_vp_init(void)
{
	memset(&inspection, 0, sizeof(inspection));
}

bool debug_at_vp_post(const struct debug_call *call)
{
	enum owner owner = owner_now();

	if (owner == OWNER_CPU ||
	    (owner == OWNER_BACK && inspection.asker != NULL)) {
		return false;
	}
	memcpy(&inspection.call, call, sizeof(*call));
	inspection.call.elsewhere = call->vp->cpu->number != 0;
	inspection.asker = call;
	/* pairs with debug_at_vp_serve(): the call comes with the word */
	__atomic_store_n(&inspection.owner, OWNER_CPU, __ATOMIC_RELEASE);
	vp_post(call->vp, VP_EVENT_INSPECT);
	return true;
}

enum debug_at_vp debug_at_vp_poll(struct debug_call *call)
{
	enum owner owner = owner_now();

	if (inspection.asker != call || owner == OWNER_NOBODY) {
		return DEBUG_AT_VP_NONE;
	}
	if (owner == OWNER_CPU) {
		return DEBUG_AT_VP_WAITS;
	}
	memcpy(call, &inspection.call, sizeof(*call));
	call->elsewhere = false;
	inspection.asker = NULL;
	__atomic_store_n(&inspection.owner, OWNER_NOBODY, __ATOMIC_RELAXED);
	return DEBUG_AT_VP_ANSWERED;
}

void debug_at_vp_give_up(const struct debug_call *call)
{
	if (inspection.asker == call) {
		inspection.asker = NULL;
	}
}

const struct vp *debug_at_vp_owner(void)
{
	return owner_now() == OWNER_CPU ? inspection.call.vp : NULL;
}

void debug_at_vp_serve(struct vp *vp)
{
	struct debug_call *call = &inspection.call;

	/* an event that comes without a call for this VP means nothing */
	if (owner_now() != OWNER_CPU || call->vp != vp) {
		return;
	}
	call->end = call->command->fn(call);
	call->steps++;
	/* pairs with owner_now() */
	__atomic_store_n(&inspection.owner, OWNER_BACK, __ATOMIC_RELEASE);
}
