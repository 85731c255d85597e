/* SPDX-License-Identifier: MIT */
/* Steps, and the rep start index in the caller's registers. */
#include "core/hypercall/continuation.h"

#include "core/cpu/due.h"
#include "tlfs/hypercall.h"

#define STEP_ELEMENTS 16 /* between two looks at the time */

u32 hc_continuation_cut(const struct vp *vp, const struct hc_desc *row,
			u32 start, u32 count)
{
	u32 step = vp->partition->config->budget_elements;
	u32 left = count - start;

	if (row->at_once) {
		return count;
	}
	if (step == 0) {
		/* a list that becomes a full flush costs the same at any
		   length */
		step = row->widens ? left : STEP_ELEMENTS;
	}
	return step < left ? start + step : count;
}

/* A 32-bit caller's control word is EDX:EAX. */
void hc_continuation_repeat(struct vp *vp, bool is_64bit, u32 start)
{
	u64 *reg = &vp->own.gpr[is_64bit ? GPR_RCX : GPR_RDX];
	u32 shift = is_64bit ? 0 : 32;
	u64 field = FIELD_PREP(HV_CONTROL_REP_START, start);

	*reg = (*reg & ~(HV_CONTROL_REP_START >> shift)) | field >> shift;
	due_note(vp);
}
