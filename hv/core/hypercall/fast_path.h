/* SPDX-License-Identifier: MIT */
/*
 * The fast path through the hypercall engine, for the calls that guests make
 * most: a 64-bit caller, a call without output, done in one step. It accepts
 * valid calls only; all others take the slow path (engine.c). It is not the
 * "fast" call of the TLFS, which has its input in registers: both paths take
 * those.
 */
#ifndef HV_CORE_HYPERCALL_FAST_PATH_H
#define HV_CORE_HYPERCALL_FAST_PATH_H

#include "core/hypercall/hypercall.h"

struct partition;

/*
 * Which rows may take the fast path in this partition, by its grants. Called
 * before launch.
 */
void hc_fast_path_plan(struct partition *p);

/* All calls of the partition take the slow path, with the same results. */
void hc_fast_path_off(struct partition *p);

/*
 * Checks and reads the call in the registers of `vp`, a 64-bit caller that has
 * set GUEST_OS_ID and runs at CPL 0. True: `in` is complete, but for its
 * output, as no row of the fast path has some. False: the slow path has to take
 * the call, valid or not; nothing of the guest has changed.
 */
bool hc_fast_path_read(struct vp *vp, struct hc_input *in);

#endif
