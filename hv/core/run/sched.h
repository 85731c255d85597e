/* SPDX-License-Identifier: MIT */
/*
 * Whose turn it is on a CPU: a round-robin scan over the VPs that belong to
 * it, no run list. A VP that halts, waits for SIPI or is suspended costs
 * nothing but its place in the scan.
 */
#ifndef HV_CORE_RUN_SCHED_H
#define HV_CORE_RUN_SCHED_H

#include "base/types.h"

struct cpu;
struct vp;

/*
 * Returns the VP to look at next: the one whose turn it is while its slice
 * lasts and no other one needs attention, else the next in the ring that is
 * runnable, has events or has a timer that is due. NULL: none. The caller makes
 * its VMCS current and calls service_vp(), which may find it not runnable; then
 * it asks again.
 */
struct vp *sched_next(struct cpu *cpu);

/*
 * Called before an entry: notes in cpu->timer_deadline when guest mode must end
 * (slice, timers of all VPs of the CPU), in cpu->enter_before until when the
 * VMCS field of the preemption timer is right as it is, and whether there is a
 * slice.
 */
void sched_arm(struct cpu *cpu, const struct vp *vp);

/*
 * Returns the value for the preemption timer, in TSC ticks, if `vp` enters at
 * TSC `now`: what is left until the deadline of the CPU, 0 for the past, at
 * most the look interval. Notes in vp->own.timer_field and cpu->enter_before
 * when it has to be called again.
 */
u64 sched_timer_ticks(struct cpu *cpu, struct vp *vp, u64 now);

/* `ticks` of the slice were not the VP's: its end moves. */
void sched_add_to_slice(struct cpu *cpu, u64 ticks);

/* TSC at which an idle CPU must look again: the earliest timer of its VPs. */
u64 sched_idle_deadline(const struct cpu *cpu);

#endif
