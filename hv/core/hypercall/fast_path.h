/* SPDX-License-Identifier: MIT */
/*
 * The short way through the hypercall engine, for what guests call all the
 * time: a 64-bit caller, a call without output, done in one step. It finds out
 * only that a call is good; everything else is the long way's (engine.c).
 */
#ifndef HV_CORE_HYPERCALL_FAST_PATH_H
#define HV_CORE_HYPERCALL_FAST_PATH_H

#include "core/hypercall/hypercall.h"

struct partition;

/*
 * Which rows the short way may take for this partition, by its grants. Before
 * launch; without it all calls go the long way, with the same results.
 */
void hc_fast_path_plan(struct partition *p);

/*
 * Checks and reads the call in the registers of `vp`, a 64-bit caller that may
 * call. Its row, and `in` complete; or NULL where the call is not plain or has
 * a fault: then nothing of the guest has changed.
 */
const struct hc_desc *hc_fast_path_read(struct vp *vp, struct hc_input *in);

#endif
