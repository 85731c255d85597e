/* SPDX-License-Identifier: MIT */
/*
 * The sanitizer of a VP, between its software TLB and its VMCS. All functions
 * are called on the VP's own CPU, with its VMCS current and the run word even,
 * for a VP with vp->sanitize.
 */
#ifndef HV_CORE_SANITIZE_STEP_H
#define HV_CORE_SANITIZE_STEP_H

#include "core/paging/walk.h"
#include "core/state/vp.h"

/* TSC ticks between two steps of a CPU whose VP has a sanitizer, about. */
#define SANITIZE_INTERVAL 100000

/*
 * What is done from time to time: judges uses, and compares some leaves. Takes
 * about 8,000 instructions, and while uses wait for the end of their grace up
 * to some hundred for each of these and a dozen for each VP of the partition.
 */
void sanitize_step(struct vp *vp, u64 now);

/*
 * shadow_fault() has returned SHADOW_TRAPPED for the access of `error_code` at
 * `gva` and has left `state` as that of the access. The guest executes the
 * instruction again.
 */
void sanitize_trapped(struct vp *vp, const struct walk_state *state, gva_t gva,
		      u32 error_code);

#endif
