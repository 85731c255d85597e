/* SPDX-License-Identifier: MIT */
/* Sets of VPs with more than one bank. */
#include "core/hypercall/targets.h"

/* Banks ascending, one entry for each bit of the mask: HV_VP_SET. */
static void sparse(const struct vp *self, const struct hv_vp_set *raw,
		   struct vp_targets *targets)
{
	const u64 *word = (const u64 *)(raw + 1);
	u64 bank;

	targets->others.banks = 0;
	BITS_FOR_EACH(bank, raw->valid_banks_mask) {
		u64 bits = *word++ & self->partition->all.words[bank];

		if (bits != 0) {
			targets->others.words[bank] = bits;
			targets->others.banks |= BIT(bank);
		}
	}
	/* as in hc_targets_of_mask() */
	targets->self =
		vp_set_take(&targets->others, self->bank, self->bank_bit);
}

enum hv_status hc_targets_of_set(const struct vp *self,
				 const struct hv_vp_set *raw, u32 bank_count,
				 bool all, struct vp_targets *targets)
{
	/* abi.md: set format */
	if (raw->format > HV_GENERIC_SET_ALL) {
		return HV_STATUS_INVALID_PARAMETER;
	}
	/* abi.md: variable header length */
	if (bank_count != bits_count(raw->valid_banks_mask)) {
		return HV_STATUS_INVALID_HYPERCALL_INPUT;
	}
	if (all || raw->format == HV_GENERIC_SET_ALL) {
		hc_targets_all(self, targets);
	} else {
		/* abi.md: set of nobody */
		sparse(self, raw, targets);
	}
	return HV_STATUS_SUCCESS;
}
