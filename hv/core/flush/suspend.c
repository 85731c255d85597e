/* SPDX-License-Identifier: MIT */
/* Suspends callers of flushes, and prints the two reports about that. */
#include "core/flush/suspend.h"

#include "core/console/log.h"
#include "core/cpu/due.h"
#include "core/flush/inhibit.h"
#include "core/partition/access.h"
#include "core/port/step.h"
#include "core/state/machine.h"
#include "core/state/partition.h"
#include "core/state/vp.h"
#include "core/trace/record.h"
#include "core/trace/stats.h"

#define MS_PER_SECOND 1000
#define REPORTS_MAX   32

void suspend_forget(struct vp *vp)
{
	if (vp->own.waits_for == NULL) {
		return;
	}
	vp->own.waits_for = NULL;
	__atomic_fetch_and(&vp->partition->suspended.words[vp->bank],
			   ~vp->bank_bit, __ATOMIC_SEQ_CST);
}

void suspend_begin(struct vp *vp)
{
	const struct vp *target = vp->own.waits_for;

	vp->own.state = VP_SUSPENDED;
	due_note(vp);
	vp->own.deadline = 0; /* due at once, for suspend_watch() */
	vp->own.warned = false;
	vp->own.suspended_at = port_tsc();
	port_step(STEP_STATE_WRITTEN);
	/* LOCK OR: the full barrier; pairs with inhibit_clear(): it sees our
	   bit, or we see its zero.
	   rule: suspended-bit-before-look, look-again-before-suspend */
	__atomic_fetch_or(&vp->partition->suspended.words[vp->bank],
			  vp->bank_bit, __ATOMIC_SEQ_CST);
	port_step(STEP_BIT_SET);
	if (__atomic_load_n(&target->shared.inhibit, __ATOMIC_ACQUIRE) == 0) {
		suspend_forget(vp);
		vp->own.state = VP_RUNNABLE;
		stats_reissue(vp);
		return;
	}
	port_step(STEP_LOOKED);
	record_put(vp, TRACE_SUSPEND, record_name(target), 0, 0);
	suspend_report_deadlock(vp->partition);
}

/*
 * Limits the number of lines, because a guest can suspend its VPs any number of
 * times.
 */
static void report_long(const struct vp *vp)
{
	struct partition *p = vp->partition;

	if (__atomic_fetch_add(&p->long_suspensions, 1, __ATOMIC_RELAXED) <
	    REPORTS_MAX) {
		log_line(p->config->name, "suspended vp=%u waits for vp=%u",
			 vp->number, vp->own.waits_for->number);
	}
}

void suspend_watch(struct vp *vp, u64 now)
{
	u64 warn_at = vp->own.suspended_at +
		      machine.tsc_hz / MS_PER_SECOND *
			      vp->partition->config->suspend_warn_ms;

	if (!vp->own.warned && now >= warn_at) {
		vp->own.warned = true;
		report_long(vp);
	}
	if (!vp->own.warned && warn_at < vp->own.deadline) {
		vp->own.deadline = warn_at;
	}
}

static bool any_suspended(const struct partition *p)
{
	u64 index;

	VP_SET_FOR_EACH_SHARED(index, &p->suspended) {
		(void)index;
		return true;
	}
	return false;
}

/*
 * May another partition, which still runs, clear an inhibit in this one, or the
 * debug console?
 */
static bool is_controlled(const struct partition *p)
{
	for (u32 i = 0; i < p->vp_count; i++) {
		if (inhibit_word(p->vps[i]) & INHIBIT_CONSOLE) {
			return true;
		}
	}
	return access_is_controlled(p);
}

/* True if nothing of its own, such as a timer, can end this VP's sleep. */
static bool sleeps_for_good(const struct vp *vp)
{
	enum vp_state state = __atomic_load_n(&vp->own.state, __ATOMIC_RELAXED);

	if (state == VP_RUNNABLE || due_has_events(vp)) {
		return false;
	}
	return state != VP_HALTED || vp->own.deadline == ~0ull;
}

/* States are read while others change them: a report, not a decision. */
void suspend_report_deadlock(struct partition *p)
{
	/* without an inhibit every suspended VP is about to wake */
	if (p->deadlock_reported ||
	    __atomic_load_n(&p->inhibit_count, __ATOMIC_RELAXED) == 0 ||
	    !any_suspended(p) || is_controlled(p)) {
		return;
	}
	for (u32 i = 0; i < p->vp_count; i++) {
		if (!sleeps_for_good(p->vps[i])) {
			return;
		}
	}
	if (__atomic_exchange_n(&p->deadlock_reported, true,
				__ATOMIC_RELAXED)) {
		return;
	}
	log_line(p->config->name,
		 "all VPs sleep and one is suspended: nobody is left to end "
		 "the inhibit");
}
