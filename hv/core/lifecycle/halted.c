/* SPDX-License-Identifier: MIT */
/*
 * Why a partition that check() stops has really ended: let T be the time
 * between its two loops. A VP that was seen asleep before T is asleep at T,
 * because the count of awakenings has not changed by the end. So at T all of
 * them sleep, and nobody in the partition posts an event any more. An event
 * from before T is still there in the second loop, since a VP counts its
 * awakening before it takes events.
 *
 * And why none is missed: the last VP to fall asleep writes `asleep` before it
 * looks, so that it sees the others asleep; whoever wakes meanwhile looks
 * itself when it falls asleep again.
 */
#include "core/lifecycle/halted.h"

#include "core/events/post.h"
#include "core/lifecycle/stop.h"
#include "core/partition/access.h"
#include "core/port/step.h"
#include "core/port/vmcs.h"
#include "core/state/machine.h"
#include "core/state/partition.h"
#include "x86/cr.h"

/*
 * True if only an event can change what `vp` waits for. A VP that is held goes
 * on when it is let go; one whose HLT is stepped over is the debugger's. An NMI
 * that is pending after service_vp() is blocked, until an IRET that the VP does
 * not come to.
 */
static bool is_asleep(const struct vp *vp)
{
	const struct vp_own *own = &vp->own;

	if (own->held != 0 || own->gdb.stepping) {
		return false;
	}
	if (own->state == VP_HALTED) {
		return (port_vmcs_get(VMCS_GUEST_RFLAGS) & RFLAGS_IF) == 0;
	}
	return own->state == VP_WAIT_SIPI;
}

void halted_wake(struct vp *vp)
{
	/* the count first: who has seen `asleep` sees it too.
	   rule: awake-before-events */
	__atomic_fetch_add(&vp->partition->awakenings, 1, __ATOMIC_SEQ_CST);
	__atomic_store_n(&vp->own.asleep, false, __ATOMIC_SEQ_CST);
}

static bool all_asleep(const struct partition *p)
{
	for (u32 i = 0; i < p->vp_count; i++) {
		if (!__atomic_load_n(&p->vps[i]->own.asleep,
				     __ATOMIC_ACQUIRE)) {
			return false;
		}
	}
	return true;
}

static bool has_events(const struct partition *p)
{
	for (u32 i = 0; i < p->vp_count; i++) {
		if (__atomic_load_n(&p->vps[i]->shared.events,
				    __ATOMIC_ACQUIRE) != 0) {
			return true;
		}
	}
	return false;
}

static void check(struct partition *p)
{
	u64 before = __atomic_load_n(&p->awakenings, __ATOMIC_ACQUIRE);

	if (!all_asleep(p)) {
		return;
	}
	port_step(STEP_ALL_ASLEEP);
	/* rule: events-after-asleep */
	if (access_is_controlled(p) || has_events(p) ||
	    __atomic_load_n(&p->awakenings, __ATOMIC_ACQUIRE) != before) {
		return;
	}
	(void)partition_stop(p, HALTED_EXIT_CODE, "halted");
}

void halted_note(struct vp *vp)
{
	if (is_asleep(vp)) {
		/* XCHG: the full barrier; rule: asleep-before-look */
		(void)__atomic_exchange_n(&vp->own.asleep, true,
					  __ATOMIC_SEQ_CST);
		check(vp->partition);
	}
}

/*
 * VP 0 looks, on its own CPU: a partition that starts again meanwhile cannot be
 * mistaken for the one that slept. It looks by itself if it falls asleep later.
 */
void halted_look_again(const struct partition *ended)
{
	for (u32 i = 0; i < machine.partition_count; i++) {
		struct partition *p = machine.partitions[i];

		if (p != ended && access_over(ended, p) &&
		    __atomic_load_n(&p->vps[0]->own.asleep, __ATOMIC_SEQ_CST)) {
			vp_post(p->vps[0], VP_EVENT_HOLD);
		}
	}
}
