/* SPDX-License-Identifier: MIT */
/*
 * Which VPs a call names: ProcessorMask, and HV_VP_SET with its banks. VPs that
 * do not exist are left out, as every implementation does. The caller is taken
 * out of the set here, and nowhere else.
 */
#ifndef HV_CORE_HYPERCALL_TARGETS_H
#define HV_CORE_HYPERCALL_TARGETS_H

#include "core/state/partition.h"
#include "core/state/vp.h"
#include "tlfs/hypercall.h"
#include "tlfs/status.h"

/* ProcessorMask: VP indices 0 to 63, which are bank 0. */
static inline void hc_targets_of_mask(const struct vp *self, u64 mask,
				      struct vp_targets *targets)
{
	u64 all = mask & self->partition->all.words[0];
	u64 others = all & ~self->mask_bit; /* rule: caller-out-of-set */

	targets->self = others != all;
	targets->others.banks = others != 0;
	targets->others.words[0] = others;
}

/* All VPs of the partition. */
static inline void hc_targets_all(const struct vp *self,
				  struct vp_targets *targets)
{
	const struct vp_set *all = &self->partition->all;
	u64 bank;

	targets->others.banks = all->banks;
	VP_SET_FOR_EACH_BANK(bank, all) {
		targets->others.words[bank] = all->words[bank];
	}
	/* out of the set, as in hc_targets_of_mask() */
	targets->others.words[self->bank] ^= self->bank_bit;
	targets->self = true;
	if (self->partition->vp_count == 1) {
		targets->others.banks = 0;
	}
}

/*
 * The VPs that `raw` names, whose `bank_count` banks follow it; with `all`, or
 * format HV_GENERIC_SET_ALL, all VPs, once the same checks are made.
 */
enum hv_status hc_targets_of_set(const struct vp *self,
				 const struct hv_vp_set *raw, u32 bank_count,
				 bool all,
				 struct vp_targets *targets) __must_check;

#endif
