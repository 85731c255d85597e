/* SPDX-License-Identifier: MIT */
/* Decides which accesses are uses, and which uses are findings. */
#ifndef HV_CORE_SANITIZE_JUDGE_H
#define HV_CORE_SANITIZE_JUDGE_H

#include "core/sanitize/compare.h"

/* An access that an armed leaf has trapped: SHADOW_TRAPPED. */
struct sanitize_access {
	u64 gva;
	u64 rip;
	u64 access; /* WALK_*; the CPL of the access is that of v->state */
	u32 cpl;    /* of the instruction */
};

/*
 * Puts the leaf back, so that the access goes on as it would have. If it is a
 * use, its grace begins.
 */
void sanitize_meet(struct sanitize_view *v, const struct sanitize_access *a);

/*
 * `ticks` of grace have passed for all uses. One whose leaf is gone was flushed
 * in time. One whose grace is over is compared again, as soon as its address
 * space is current: a finding, unless the guest's entry grants the access by
 * now.
 */
void sanitize_judge(struct sanitize_view *v, u64 ticks);

#endif
