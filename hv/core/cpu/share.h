/* SPDX-License-Identifier: MIT */
/*
 * Whose time a CPU's time is: for reports. Charged where a CPU chooses a VP,
 * which is a slow path; what root mode does for a VP counts as the VP's.
 */
#ifndef HV_CORE_CPU_SHARE_H
#define HV_CORE_CPU_SHARE_H

#include "base/types.h"

struct cpu;
struct vp;

/*
 * The time since the last call was that of the VP of the last call; from TSC
 * `now` on it is that of `next`, NULL: the CPU idles. On that CPU.
 */
void share_charge(struct cpu *cpu, struct vp *next, u64 now);

/* Ticks of `vp` up to TSC `now`. Any CPU: a hint. */
u64 share_ticks(const struct vp *vp, u64 now);

#endif
