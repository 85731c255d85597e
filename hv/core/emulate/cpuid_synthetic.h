/* SPDX-License-Identifier: MIT */
/* The hypervisor's CPUID leaves, TLFS "Feature and Interface Discovery". */
#ifndef HV_CORE_EMULATE_CPUID_SYNTHETIC_H
#define HV_CORE_EMULATE_CPUID_SYNTHETIC_H

#include "base/types.h"

struct vp;

/*
 * Leaf in 0x40000000-0x4fffffff: what the partition is granted, and nothing
 * else. Above its max_leaf, zeros. The answer is the same on all its VPs.
 */
void cpuid_synthetic(const struct vp *vp, u32 leaf, u32 out[4]);

#endif
