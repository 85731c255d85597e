/* SPDX-License-Identifier: MIT */
/* Gives a VP its place: its number and index in a partition, and its CPU. */
#ifndef HV_CORE_LIFECYCLE_PLACE_H
#define HV_CORE_LIFECYCLE_PLACE_H

struct cpu;
struct partition;
struct vp;

/*
 * Makes `vp` VP number p->vp_count of the partition, bound to `cpu`: fills
 * the constant fields of vp and the tables of p and cpu. Before launch.
 */
void partition_add_vp(struct partition *p, struct vp *vp, struct cpu *cpu);

#endif
