/* SPDX-License-Identifier: MIT */
/*
 * The fast path through the hypercall engine, for what guests call all the
 * time: a 64-bit caller, a call without output, done in one step. It accepts
 * valid calls only; all others take the slow path (engine.c). Not to be mixed
 * up with a "fast" call of the TLFS, which has its input in registers: either
 * path takes those.
 */
#ifndef HV_CORE_HYPERCALL_FAST_PATH_H
#define HV_CORE_HYPERCALL_FAST_PATH_H

#include "core/hypercall/table.h"

struct partition;

/*
 * Which rows may take the fast path in this partition, by its grants. Before
 * launch; without it all calls take the slow path, with the same results.
 */
void hc_fast_path_plan(struct partition *p);

/*
 * Checks and reads the call in the registers of `vp`, a 64-bit caller that may
 * call. Returns its row and completes `in`; or NULL for a call of the slow path
 * or with a fault: then nothing of the guest has changed.
 */
const struct hc_desc *hc_fast_path_read(struct vp *vp, struct hc_input *in);

#endif
