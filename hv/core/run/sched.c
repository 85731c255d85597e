/* SPDX-License-Identifier: MIT */
/*
 * The scan. Only slow paths use it; a CPU with a single runnable VP does not.
 */
#include "core/run/sched.h"

#include "core/cpu/due.h"
#include "core/state/cpu.h"
#include "core/state/machine.h"
#include "core/state/partition.h"
#include "core/state/vp.h"

#define US_PER_SECOND 1000000

/* True if there is a reason to load the VMCS of `vp`. */
static bool wants_cpu(const struct vp *vp, u64 now)
{
	/* a stopped VP takes its events too. rule: stopped-takes-events */
	return vp->own.state == VP_RUNNABLE || due_has_events(vp) ||
	       vp->own.deadline <= now;
}

static u64 slice_of(const struct vp *vp)
{
	return machine.tsc_hz / US_PER_SECOND * vp->partition->config->slice_us;
}

/* True if the slice is over or another VP may be due. */
static bool turn_is_over(struct cpu *cpu, u64 now)
{
	/* rule: attention-off-before-scan, attention-ends-turn */
	bool called =
		__atomic_exchange_n(&cpu->attention, 0, __ATOMIC_ACQUIRE) != 0;
	bool yields = cpu->yield;

	cpu->yield = false;
	return called || yields || now >= cpu->slice_end ||
	       now >= cpu->timer_deadline;
}

struct vp *sched_next(struct cpu *cpu)
{
	u64 now = port_tsc();
	u32 first = cpu->turn;

	if (cpu->vp_count == 0) {
		return NULL;
	}
	if (!turn_is_over(cpu, now) && wants_cpu(cpu->vps[first], now)) {
		return cpu->vps[first];
	}
	for (u32 i = 1; i <= cpu->vp_count; i++) {
		u32 at = first + i;

		at -= at >= cpu->vp_count ? cpu->vp_count : 0;
		if (wants_cpu(cpu->vps[at], now)) {
			cpu->turn = at;
			cpu->turn_exits = cpu->vps[at]->own.exit_count;
			cpu->slice_end = now + slice_of(cpu->vps[at]);
			return cpu->vps[at];
		}
	}
	return NULL;
}

u64 sched_idle_deadline(const struct cpu *cpu)
{
	u64 deadline = ~0ull;

	for (u32 i = 0; i < cpu->vp_count; i++) {
		if (cpu->vps[i]->own.deadline < deadline) {
			deadline = cpu->vps[i]->own.deadline;
		}
	}
	return deadline;
}

void sched_arm(struct cpu *cpu, const struct vp *vp)
{
	u64 deadline = CPU_TIMER_NEVER;
	bool shared = false;

	if (vp->own.deadline < deadline) {
		deadline = vp->own.deadline;
	}
	for (u32 i = 0; i < cpu->vp_count; i++) {
		const struct vp *other = cpu->vps[i];

		if (other == vp) {
			continue;
		}
		/* rule: slice-for-pending-event */
		if (other->own.state == VP_RUNNABLE || due_has_events(other)) {
			/* its timer is served in its own turn */
			shared = true;
		} else if (other->own.deadline < deadline) {
			deadline = other->own.deadline;
		}
	}
	if (shared && cpu->slice_end < deadline) {
		deadline = cpu->slice_end;
	}
	cpu->timer_deadline = deadline;
	__atomic_store_n(&cpu->sliced, shared, __ATOMIC_RELAXED);
}

u64 sched_timer_ticks(struct vp *vp, s64 left)
{
	s64 ceiling = (s64)machine.timer_ceiling;

	if (left >= ceiling) {
		vp->own.timer_far = ceiling;
		return machine.timer_ceiling;
	}
	vp->own.timer_far =
		CPU_TIMER_NEVER; /* the value differs at each entry */
	return left > 0 ? (u64)left : 0;
}
