/* SPDX-License-Identifier: MIT */
/* The stop of a partition, from the request to the end of the machine. */
#include "core/lifecycle/stop.h"

#include "core/console/first_use.h"
#include "core/console/log.h"
#include "core/emulate/guest_serial.h"
#include "core/events/post.h"
#include "core/flush/inhibit.h"
#include "core/flush/suspend.h"
#include "core/lifecycle/halted.h"
#include "core/lifecycle/start.h"
#include "core/port/port.h"
#include "core/registers/serve.h"
#include "core/sanitize/report.h"
#include "core/state/machine.h"
#include "core/state/partition.h"
#include "core/state/vp.h"
#include "core/trace/record.h"

bool partition_stop(struct partition *p, u32 exit_code, const char *reason)
{
	enum partition_state expected = PARTITION_RUNNING;

	if (!__atomic_compare_exchange_n(&p->state, &expected,
					 PARTITION_STOP_CLAIMED, false,
					 __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
		return false;
	}
	record_here(TRACE_STOP, p->number, exit_code, 0);
	p->exit_code = exit_code;
	p->stop_reason = reason;
	/* pairs with end_partition(): code and reason are valid */
	__atomic_store_n(&p->state, PARTITION_STOPPING, __ATOMIC_RELEASE);
	for (u32 i = 0; i < p->vp_count; i++) {
		vp_post(p->vps[i], VP_EVENT_STOP);
	}
	return true;
}

/* Exit code of the machine: the first one that is not 0, in config order. */
static void end_machine(void)
{
	for (u32 i = 0; i < machine.partition_count; i++) {
		const struct partition *p = machine.partitions[i];

		if (p->exit_code != 0) {
			port_finish(p->exit_code, p->stop_reason);
		}
	}
	port_finish(0, machine.partitions[0]->stop_reason);
}

/* Does it start again by itself? */
static bool takes_restart(struct partition *p)
{
	/* pairs with partition_restart() */
	if (__atomic_exchange_n(&p->restart_wanted, false, __ATOMIC_SEQ_CST)) {
		return true;
	}
	if (p->restarts_left == 0) {
		return false;
	}
	p->restarts_left--;
	return true;
}

/* The next steps are those of core/lifecycle/start.h. */
static void hand_over(struct partition *p)
{
	bool again = takes_restart(p);

	/* pairs with state_of() in start.c: all its VPs have stopped */
	__atomic_store_n(&p->state,
			 again ? PARTITION_ENDED_AGAIN : PARTITION_ENDED,
			 __ATOMIC_RELEASE);
	/* one that starts again counts all the time */
	if (!again &&
	    __atomic_sub_fetch(&machine.partitions_running, 1,
			       __ATOMIC_ACQ_REL) == 0 &&
	    !machine.goes_on) {
		end_machine();
	}
	vp_post(partition_keeper(p), VP_EVENT_START);
}

static void end_partition(struct partition *p)
{
	/* pairs with partition_stop(), which stores it after code and reason */
	while (__atomic_load_n(&p->state, __ATOMIC_ACQUIRE) !=
	       PARTITION_STOPPING) {
		port_pause();
	}
	/* its VPs have made their last call.
	   rule: owner-ends-after-last-call */
	inhibit_end_of(p);
	for (u32 i = 0; i < machine.partition_count; i++) {
		/* one partition less can end an inhibit there */
		suspend_report_deadlock(machine.partitions[i]);
	}
	halted_look_again(p);
	guest_serial_end(&p->serial);
	first_use_summary(p);
	sanitize_summary(p);
	log_last_line(p->config->name, "stopped code=%u reason=%s",
		      p->exit_code, p->stop_reason);
	hand_over(p);
}

void partition_stop_vp(struct vp *vp)
{
	vp->own.state = VP_STOPPED;
	vp->own.deadline = ~0ull;
	/* not in the next life, before VP 0 has begun it */
	__atomic_store_n(&vp->own.asleep, false, __ATOMIC_RELEASE);
	suspend_forget(vp);
	reg_request_stop(vp);
	if (__atomic_sub_fetch(&vp->partition->vps_running, 1,
			       __ATOMIC_ACQ_REL) == 0) {
		end_partition(vp->partition);
	}
}
