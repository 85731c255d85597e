/* SPDX-License-Identifier: MIT */
/* Sets of VPs with more than one bank. */
#include "core/hypercall/targets.h"

void hc_targets_all(const struct partition *p, struct vp_set *set)
{
	u64 bank;

	set->banks = p->all.banks;
	VP_SET_FOR_EACH_BANK(bank, &p->all) {
		set->words[bank] = p->all.words[bank];
	}
}

/* Banks ascending, one entry for each bit of the mask: HV_VP_SET. */
static void sparse(const struct partition *p, const struct hv_vp_set *raw,
		   struct vp_set *set)
{
	const u64 *word = (const u64 *)(raw + 1);
	u64 bank;

	set->banks = 0;
	BITS_FOR_EACH(bank, raw->valid_banks_mask) {
		u64 bits = *word++ & p->all.words[bank];

		if (bits != 0) {
			set->words[bank] = bits;
			set->banks |= BIT(bank);
		}
	}
}

enum hv_status hc_targets_of_set(const struct partition *p,
				 const struct hv_vp_set *raw, u32 bank_count,
				 bool all, struct vp_set *set)
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
		hc_targets_all(p, set);
	} else {
		/* abi.md: set of nobody */
		sparse(p, raw, set);
	}
	return HV_STATUS_SUCCESS;
}
