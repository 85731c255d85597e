/* SPDX-License-Identifier: MIT */
/*
 * Which VPs a call names: ProcessorMask, and HV_VP_SET with its banks. VPs that
 * do not exist are left out, as every implementation does.
 */
#ifndef HV_CORE_HYPERCALL_TARGETS_H
#define HV_CORE_HYPERCALL_TARGETS_H

#include "core/state/partition.h"
#include "tlfs/hypercall.h"
#include "tlfs/status.h"

/* ProcessorMask: VP indices 0 to 63, which are bank 0. */
static inline void hc_targets_of_mask(const struct partition *p, u64 mask,
				      struct vp_set *set)
{
	set->words[0] = mask & p->all.words[0];
	set->banks = set->words[0] != 0;
}

/* All VPs of the partition. */
void hc_targets_all(const struct partition *p, struct vp_set *set);

/*
 * The VPs that `raw` names, whose `bank_count` banks follow it; with `all`, or
 * format HV_GENERIC_SET_ALL, all VPs, once the same checks are made.
 */
enum hv_status hc_targets_of_set(const struct partition *p,
				 const struct hv_vp_set *raw, u32 bank_count,
				 bool all, struct vp_set *set) __must_check;

#endif
