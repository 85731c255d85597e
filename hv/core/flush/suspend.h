/* SPDX-License-Identifier: MIT */
/*
 * A VP that called a flush with an inhibited target: TLFS v6.0b, "Restrictions
 * on TLB Flushes". RIP stays at the VMCALL, the VP executes nothing until it is
 * woken, and then makes the call again.
 */
#ifndef HV_CORE_FLUSH_SUSPEND_H
#define HV_CORE_FLUSH_SUSPEND_H

#include "base/types.h"

struct partition;
struct vp;

/*
 * Suspends `vp` on vp->own.waits_for, unless the inhibit has ended meanwhile:
 * state and bit; full barrier; look again. Called on the CPU of `vp`, with the
 * run word even. Not inlined, so that a breakpoint finds it.
 */
void suspend_begin(struct vp *vp) __attribute__((noinline));

/* Ends the wait of `vp` at a wake, INIT or stop. The caller sets vp->own.state.
 */
void suspend_forget(struct vp *vp);

/*
 * Reports a suspension of more than suspend-warn, once; sets vp->own.deadline
 * to check it.
 */
void suspend_watch(struct vp *vp, u64 now);

/*
 * Reports, once per partition, that all its VPs are asleep, one of them
 * suspended, and that no other partition can end this. Called where a VP goes
 * to sleep.
 */
void suspend_report_deadlock(struct partition *p);

#endif
