/* SPDX-License-Identifier: MIT */
/*
 * A caller that met an inhibited target: TLFS v6.0b, "Restrictions on TLB
 * Flushes". RIP stays at the VMCALL, the VP executes nothing until it is woken,
 * and then makes the call again.
 */
#ifndef HV_CORE_FLUSH_SUSPEND_H
#define HV_CORE_FLUSH_SUSPEND_H

#include "base/types.h"

struct partition;
struct vp;

/*
 * Suspends `vp` on `target`, unless the inhibit has ended meanwhile: state and
 * bit; full barrier; look again. Own CPU, run word even.
 */
void suspend_begin(struct vp *vp, struct vp *target);

/* The VP does not wait any more: woken, INIT, stop. State is the caller's. */
void suspend_forget(struct vp *vp);

/* Reports a suspension that is too long, once; keeps vp->deadline for it. */
void suspend_watch(struct vp *vp, u64 now);

/*
 * Reports, once per partition, that all its VPs are asleep, one of them
 * suspended, and nobody outside may end it. Where a VP goes to sleep.
 */
void suspend_report_deadlock(struct partition *p);

#endif
