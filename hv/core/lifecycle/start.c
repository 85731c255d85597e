/* SPDX-License-Identifier: MIT */
/*
 * The states from the end of a life to the next one:
 * whoever changes p->state by compare-exchange, or is the only one who may
 * change it, goes on.
 */
#include "core/lifecycle/start.h"

#include "core/console/log.h"
#include "core/events/post.h"
#include "core/lifecycle/refill.h"
#include "core/lifecycle/renew.h"
#include "core/lifecycle/stop.h"
#include "core/port/port.h"
#include "core/state/cpu.h"
#include "core/state/machine.h"
#include "core/state/vp.h"

static enum partition_state state_of(const struct partition *p)
{
	/* pairs with set_state() and end_partition() */
	return __atomic_load_n(&p->state, __ATOMIC_ACQUIRE);
}

static void set_state(struct partition *p, enum partition_state state)
{
	__atomic_store_n(&p->state, state, __ATOMIC_RELEASE);
}

static bool change_state(struct partition *p, enum partition_state from,
			 enum partition_state to)
{
	return __atomic_compare_exchange_n(&p->state, &from, to, false,
					   __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
}

/* ---- requests ---- */

/* Those that are not here start already. */
static const char *const why_not[] = {
	[PARTITION_RUNNING] = "the partition runs",
	[PARTITION_STOP_CLAIMED] = "the partition is stopping",
	[PARTITION_STOPPING] = "the partition is stopping",
};

static const char *refusal(enum partition_state state)
{
	return state < ARRAY_SIZE(why_not) ? why_not[state]
					   : "the partition is starting";
}

/* False: the last partition has ended, and the machine does. */
static bool count_in(void)
{
	u32 running =
		__atomic_load_n(&machine.partitions_running, __ATOMIC_RELAXED);

	do {
		if (running == 0 && !machine.goes_on) {
			return false;
		}
	} while (!__atomic_compare_exchange_n(
		&machine.partitions_running, &running, running + 1, false,
		__ATOMIC_ACQ_REL, __ATOMIC_RELAXED));
	return true;
}

bool partition_start(struct partition *p, const char **why)
{
	bool is_free = change_state(p, PARTITION_FREE, PARTITION_LOADING);

	if (!is_free &&
	    !change_state(p, PARTITION_ENDED, PARTITION_ENDED_AGAIN)) {
		/* FREE now: the keeper was faster than the two looks */
		is_free = change_state(p, PARTITION_FREE, PARTITION_LOADING);
		if (!is_free) {
			*why = refusal(state_of(p));
			return false;
		}
	}
	if (!count_in()) {
		*why = "the machine ends";
		return false;
	}
	if (is_free) {
		vp_post(partition_keeper(p), VP_EVENT_START);
	}
	return true;
}

bool partition_restart(struct partition *p, const char **why)
{
	/* before the stop: whoever ends the partition sees it */
	__atomic_store_n(&p->restart_wanted, true, __ATOMIC_SEQ_CST);
	if (partition_stop(p, 0, "restart")) {
		return true;
	}
	/* somebody else stops it: true if the end has not taken it */
	if (!__atomic_exchange_n(&p->restart_wanted, false, __ATOMIC_SEQ_CST)) {
		return true;
	}
	return partition_start(p, why);
}

/* ---- the keeper's work ---- */

static void work_ended(struct vp *keeper)
{
	struct partition *p = keeper->partition;

	if (!refill_poison(p)) {
		return;
	}
	if (change_state(p, PARTITION_ENDED, PARTITION_FREE)) {
		keeper->own.works = false;
	} else {
		/* ENDED_AGAIN, which nobody else leaves */
		set_state(p, PARTITION_LOADING);
	}
}

/* The VPs but VP 0, which starts them; VP 0 if there are no others. */
static void post_start(struct partition *p)
{
	for (u32 i = 1; i < p->vp_count; i++) {
		vp_post(p->vps[i], VP_EVENT_START);
	}
	if (p->vp_count == 1) {
		vp_post(p->vps[0], VP_EVENT_START);
	}
}

static void work_loading(struct vp *keeper)
{
	struct partition *p = keeper->partition;

	if (!refill_load(p)) {
		return;
	}
	keeper->own.works = false;
	renew_partition(p);
	set_state(p, PARTITION_STARTING);
	post_start(p);
}

void partition_work(struct vp *vp)
{
	if (!vp->own.works) {
		return;
	}
	/* the other VPs of the CPU come between two pieces */
	vp->cpu->yield = true;
	if (state_of(vp->partition) == PARTITION_LOADING) {
		work_loading(vp);
	} else {
		work_ended(vp);
	}
}

/* ---- the VPs' starts ---- */

/*
 * VP 0 is the last one to become new, and the others wait for SIPI, so no VP
 * executes anything while another one is old.
 */
static void start_vp(struct vp *vp)
{
	struct partition *p = vp->partition;
	u32 old;

	renew_vp(vp);
	old = __atomic_sub_fetch(&p->vps_old, 1, __ATOMIC_ACQ_REL);
	if (old == 0) {
		set_state(p, PARTITION_RUNNING);
		log_line(p->config->name, "started life=%u", p->life + 1);
	} else if (old == 1) {
		/* rule: all-new-before-first-entry */
		vp_post(p->vps[0], VP_EVENT_START);
	}
}

void partition_start_vp(struct vp *vp)
{
	if (state_of(vp->partition) == PARTITION_STARTING) {
		start_vp(vp);
	} else if (vp == partition_keeper(vp->partition)) {
		vp->own.works = true;
	}
}
