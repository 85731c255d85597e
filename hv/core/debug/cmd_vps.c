/* SPDX-License-Identifier: MIT */
/* Commands that list VPs. */
#include "core/cpu/share.h"
#include "core/debug/commands.h"
#include "core/debug/print.h"
#include "core/state/cpu.h"
#include "core/state/machine.h"
#include "core/state/partition.h"
#include "core/state/vp.h"

#define MS_PER_SECOND 1000

static const char *const partition_states[] = {
	[PARTITION_RUNNING] = "running",
	[PARTITION_STOP_CLAIMED] = "stopping",
	[PARTITION_STOPPING] = "stopping",
	[PARTITION_ENDED] = "stopped",
	[PARTITION_ENDED_AGAIN] = "starting",
	[PARTITION_FREE] = "stopped",
	[PARTITION_LOADING] = "starting",
	[PARTITION_STARTING] = "starting",
};

static void print_partition(struct debug_call *call, const struct partition *p)
{
	enum partition_state state =
		__atomic_load_n(&p->state, __ATOMIC_ACQUIRE);

	debug_print(call, "%s: %s vps=%u memory=%lluM life=%u", p->config->name,
		    partition_states[state], p->vp_count, p->memory_len / MIB,
		    __atomic_load_n(&p->life, __ATOMIC_RELAXED) + 1);
	if (state == PARTITION_ENDED || state == PARTITION_FREE) {
		debug_print(call, " code=%u reason=%s", p->exit_code,
			    p->stop_reason);
	}
	debug_print(call, "\n");
}

/* What the last look at each VP saw. */
static struct {
	u64 ticks;
	u64 at; /* TSC; 0: it was not looked at */
} seen[PARTITIONS_MAX][PARTITION_VPS_MAX];

/* Its part of its CPU since the last look, or since the machine's start. */
static void print_share(struct debug_call *call, const struct vp *vp)
{
	u64 now = port_tsc();
	u64 ticks = share_ticks(vp, now);
	u64 *last = &seen[vp->partition->number][vp->number].ticks;
	u64 *at = &seen[vp->partition->number][vp->number].at;
	u64 thousandth = (now - (*at != 0 ? *at : machine.start_tsc)) / 1000;
	u64 share = thousandth != 0 && ticks > *last
			    ? (ticks - *last) / thousandth
			    : 0;

	*last = ticks;
	*at = now;
	debug_print(call, " time=%u.%u%%", (u32)share / 10, (u32)share % 10);
}

/* Read while its CPU may change it: a hint. */
static void print_wait(struct debug_call *call, const struct vp *vp)
{
	const struct vp *target =
		__atomic_load_n(&vp->own.waits_for, __ATOMIC_RELAXED);
	u64 ticks = port_tsc() -
		    __atomic_load_n(&vp->own.suspended_at, __ATOMIC_RELAXED);

	if (target != NULL) {
		debug_print(call, " waits for %s:%u, %lu ms",
			    target->partition->config->name, target->number,
			    ticks / (machine.tsc_hz / MS_PER_SECOND));
	}
}

static void print_vp(struct debug_call *call, const struct vp *vp)
{
	enum vp_state state = __atomic_load_n(&vp->own.state, __ATOMIC_RELAXED);

	debug_print(call, "  %u", vp->number);
	debug_pad(call, 7);
	debug_print(call, "%s", debug_state_name(vp));
	debug_pad(call, 18);
	debug_print(call, "cpu=%u exits=%lu", vp->cpu->number,
		    __atomic_load_n(&vp->own.exit_count, __ATOMIC_RELAXED));
	print_share(call, vp);
	if (__atomic_load_n(&vp->shared.inhibit, __ATOMIC_RELAXED) != 0) {
		debug_print(call, " inhibited");
	}
	if (state == VP_SUSPENDED) {
		print_wait(call, vp);
	}
	debug_print(call, "\n");
}

enum debug_end cmd_ps(struct debug_call *call)
{
	const struct vp *vp;

	while ((vp = debug_next_vp(call)) != NULL) {
		if (vp->number == 0) {
			print_partition(call, vp->partition);
		}
		print_vp(call, vp);
	}
	return debug_end_of_vps(call);
}
