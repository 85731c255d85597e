/* SPDX-License-Identifier: MIT */
/* The stop of a partition, from the request to the end of the machine. */
#include "core/lifecycle/stop.h"

#include "core/console/first_use.h"
#include "core/console/log.h"
#include "core/emulate/guest_serial.h"
#include "core/events/post.h"
#include "core/flush/inhibit.h"
#include "core/flush/suspend.h"
#include "core/port/port.h"
#include "core/registers/serve.h"
#include "core/state/machine.h"
#include "core/state/partition.h"
#include "core/state/vp.h"

void partition_stop(struct partition *p, u32 exit_code, const char *reason)
{
	enum partition_state expected = PARTITION_RUNNING;

	if (!__atomic_compare_exchange_n(&p->state, &expected,
					 PARTITION_STOP_CLAIMED, false,
					 __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
		return;
	}
	p->exit_code = exit_code;
	p->stop_reason = reason;
	/* pairs with end_partition(): code and reason are valid */
	__atomic_store_n(&p->state, PARTITION_STOPPING, __ATOMIC_RELEASE);
	for (u32 i = 0; i < p->vp_count; i++) {
		vp_post(p->vps[i], VP_EVENT_STOP);
	}
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
	guest_serial_flush(&p->serial);
	first_use_summary(p);
	log_line(p->config->name, "stopped code=%u reason=%s", p->exit_code,
		 p->stop_reason);
	/* for the debugger; the count below is what ends the machine */
	__atomic_store_n(&p->state, PARTITION_ENDED, __ATOMIC_RELAXED);
	if (__atomic_sub_fetch(&machine.partitions_running, 1,
			       __ATOMIC_ACQ_REL) == 0) {
		end_machine();
	}
}

void partition_stop_vp(struct vp *vp)
{
	vp->own.state = VP_STOPPED;
	vp->own.deadline = ~0ull;
	suspend_forget(vp);
	reg_request_stop(vp);
	if (__atomic_sub_fetch(&vp->partition->vps_running, 1,
			       __ATOMIC_ACQ_REL) == 0) {
		end_partition(vp->partition);
	}
}
