/* SPDX-License-Identifier: MIT */
/*
 * The scan. Only slow paths use it; a CPU with a single runnable VP does not.
 */
#include "core/run/sched.h"

#include "core/cpu/due.h"
#include "core/cpu/share.h"
#include "core/events/hold.h"
#include "core/run/service.h"
#include "core/state/cpu.h"
#include "core/state/machine.h"
#include "core/state/partition.h"
#include "core/state/vp.h"

#define US_PER_SECOND 1000000
#define NEAR_PARTS    4

/* True if there is a reason to load the VMCS of `vp`. */
static bool wants_cpu(const struct vp *vp, u64 now)
{
	/* a stopped VP takes its events too. rule: stopped-takes-events */
	return hold_may_run(vp) || due_has_events(vp) || vp->own.works ||
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

static struct vp *choose(struct cpu *cpu, u64 now)
{
	u32 first = cpu->turn;

	if (cpu->vp_count == 0) {
		return NULL;
	}
	/* rule: halt-is-served-first */
	if (cpu->vps[first]->own.deadline == SERVICE_HALT_DEADLINE ||
	    (!turn_is_over(cpu, now) && wants_cpu(cpu->vps[first], now))) {
		return cpu->vps[first];
	}
	for (u32 i = 1; i <= cpu->vp_count; i++) {
		u32 at = first + i;

		at -= at >= cpu->vp_count ? cpu->vp_count : 0;
		if (wants_cpu(cpu->vps[at], now)) {
			cpu->turn = at;
			cpu->turn_exits = cpu->vps[at]->own.exit_count;
			cpu->slice_end = now + slice_of(cpu->vps[at]);
			cpu->turn_begins = true;
			return cpu->vps[at];
		}
	}
	return NULL;
}

struct vp *sched_next(struct cpu *cpu)
{
	u64 now = port_tsc();
	struct vp *vp = choose(cpu, now);

	if (UNLIKELY(vp != cpu->charged)) {
		share_charge(cpu, vp, now);
	}
	return vp;
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

/*
 * Until when `field`, as the value of the VMCS field, ends guest mode by the
 * CPU's deadline, and by one such time after the look deadline.
 */
static s64 last_entry(const struct cpu *cpu, u64 field)
{
	s64 last = (s64)(cpu->timer_deadline - field);
	s64 look = (s64)cpu->look_deadline;

	return last < look ? last : look;
}

/*
 * An NMI exit brings the look forward to look_early, which is never where no
 * NMI comes from the line. Its handler compares nothing: it stores after_nmi.
 */
static void set_enter_before(struct cpu *cpu, s64 before)
{
	s64 early = (s64)cpu->look_early;
	bool nmi_came = (cpu->enter_before & CPU_NMI_CAME) != 0;

	cpu->after_nmi = (before < early ? before : early) | CPU_NMI_CAME;
	/* if one came, there was no look yet */
	cpu->enter_before =
		nmi_came ? cpu->after_nmi : before & ~(s64)CPU_NMI_CAME;
}

/*
 * The slice begins when its VP is about to be entered, once in a turn: the scan
 * of many VPs may take longer than a slice. rule: slice-begins-at-entry
 */
static void begin_slice(struct cpu *cpu, const struct vp *vp)
{
	if (cpu->turn_begins) {
		cpu->turn_begins = false;
		cpu->slice_end = port_tsc() + slice_of(vp);
	}
}

void sched_arm(struct cpu *cpu, const struct vp *vp)
{
	u64 deadline = CPU_TIMER_NEVER;
	bool shared = false;

	if (vp->own.deadline < deadline) {
		deadline = vp->own.deadline;
	}
	/* alone: nothing to look at */
	u32 count = cpu->vp_count > 1 ? cpu->vp_count : 0;

	for (u32 i = 0; i < count; i++) {
		const struct vp *other = cpu->vps[i];

		if (other == vp) {
			continue;
		}
		/* rule: slice-for-pending-event */
		if (hold_may_run(other) || due_has_events(other) ||
		    other->own.works) {
			/* its timer is served in its own turn */
			shared = true;
		} else if (other->own.deadline < deadline) {
			deadline = other->own.deadline;
		}
	}
	begin_slice(cpu, vp);
	if (shared && cpu->slice_end < deadline) {
		deadline = cpu->slice_end;
	}
	cpu->timer_deadline = deadline;
	/* a field with another value has to be written */
	set_enter_before(cpu, vp->own.timer_field == cpu->look_interval
				      ? last_entry(cpu, cpu->look_interval)
				      : 0);
	cpu->armed_at = 0;
	__atomic_store_n(&cpu->sliced, shared, __ATOMIC_RELAXED);
}

/*
 * The field for a deadline that is nearer than the look interval. All that is
 * left is right for this entry only. A VP that comes back soon makes exits one
 * after the other: it gets a part, which stays right until no more than that is
 * left. If it stays in guest mode after all, that ends early, three times.
 */
static u64 near_ticks(struct cpu *cpu, u64 left, u64 now)
{
	u64 part = left / NEAR_PARTS;
	bool is_back = cpu->armed_at != 0 && now - cpu->armed_at < part;

	cpu->armed_at = now;
	return is_back ? part : left;
}

u64 sched_timer_ticks(struct cpu *cpu, struct vp *vp, u64 now)
{
	u64 left = cpu->timer_deadline > now ? cpu->timer_deadline - now : 0;
	u64 ticks;

	if (left >= cpu->look_interval) {
		vp->own.timer_field = cpu->look_interval;
		set_enter_before(cpu, last_entry(cpu, cpu->look_interval));
		return cpu->look_interval;
	}
	vp->own.timer_field = 0;
	ticks = near_ticks(cpu, left, now);
	set_enter_before(cpu, ticks < left ? last_entry(cpu, ticks) : 0);
	return ticks;
}

void sched_add_to_slice(struct cpu *cpu, u64 ticks)
{
	if (cpu->timer_deadline == cpu->slice_end) {
		cpu->timer_deadline += ticks;
	}
	cpu->slice_end += ticks;
}
