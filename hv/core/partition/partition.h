/* SPDX-License-Identifier: MIT */
/* Adds VPs to a partition, and stops a partition. */
#ifndef HV_CORE_PARTITION_PARTITION_H
#define HV_CORE_PARTITION_PARTITION_H

#include "core/state/partition.h"

/*
 * Makes `vp` VP number p->vp_count of the partition, bound to `cpu`: fills
 * the constant fields of vp and the tables of p and cpu. Before launch.
 */
void partition_add_vp(struct partition *p, struct vp *vp, struct cpu *cpu);

/*
 * Stops the partition: the first caller's code and reason win, every VP gets
 * the STOP event. Returns at once; may be called by any CPU. `reason` must be
 * a constant string.
 */
void partition_stop(struct partition *p, u32 exit_code, const char *reason);

#endif
