/* SPDX-License-Identifier: MIT */
/*
 * How a partition that has ended starts again. Each partition has a keeper, its
 * last VP: while that is STOPPED, its CPU does the work in pieces, in turn with
 * the CPU's other VPs.
 *
 *     state            changed by              to
 *     ENDED            keeper's CPU            FREE: RAM is overwritten
 *                      partition_start()       ENDED_AGAIN
 *     ENDED_AGAIN      keeper's CPU            LOADING: RAM is overwritten
 *     FREE             partition_start()       LOADING
 *     LOADING          keeper's CPU            STARTING: RAM is as at first
 *     STARTING         CPU of VP 0             RUNNING: all VPs are new
 */
#ifndef HV_CORE_LIFECYCLE_START_H
#define HV_CORE_LIFECYCLE_START_H

#include "core/state/partition.h"

struct vp;

/*
 * Starts a partition that has ended. False: *why, a constant string, says why
 * not. Any CPU, in root mode; returns at once.
 */
bool partition_start(struct partition *p, const char **why);

/*
 * Stops a partition that runs, and starts it again when it has ended, if need
 * be for another reason. One that has ended is started. Otherwise as
 * partition_start().
 */
bool partition_restart(struct partition *p, const char **why);

/*
 * The START event of `vp`, which is STOPPED: of the keeper of a partition that
 * has ended, its work begins; while the partition is STARTING, the VP becomes
 * new. Called on its CPU, with its VMCS current and the run word even.
 */
void partition_start_vp(struct vp *vp);

/* One piece of the keeper's work, if vp->own.works. Called as above. */
void partition_work(struct vp *vp);

static inline struct vp *partition_keeper(const struct partition *p)
{
	return p->vps[p->vp_count - 1];
}

#endif
