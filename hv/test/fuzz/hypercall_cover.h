/* SPDX-License-Identifier: MIT */
/* The INVVPIDs that the fake machine recorded against what the oracle wants. */
#ifndef HV_TEST_FUZZ_HYPERCALL_COVER_H
#define HV_TEST_FUZZ_HYPERCALL_COVER_H

#include "oracle/oracle.h"

struct vp;

/* Does a flush wait for `vp`? */
bool cover_has_work(const struct vp *vp);

/*
 * What waits for `vp` is done, as before its next entry. False: there was
 * work, but its CPU was still in guest mode with it.
 */
bool cover_drain(struct vp *vp);

/* Has everything been invalidated for `vp` that `answer` says? */
bool cover_is_complete(const struct vp *vp, const struct oracle_answer *answer);

#endif
