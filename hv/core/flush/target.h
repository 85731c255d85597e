/* SPDX-License-Identifier: MIT */
/* The target's side of a flush. */
#ifndef HV_CORE_FLUSH_TARGET_H
#define HV_CORE_FLUSH_TARGET_H

struct vp;

/*
 * Takes the work that waits for `vp` and executes it. Called in root mode on
 * the CPU of `vp`, with the run word even. The work is then done, even if the
 * entry is aborted.
 * rule: take-then-execute
 */
void flush_drain(struct vp *vp);

#endif
