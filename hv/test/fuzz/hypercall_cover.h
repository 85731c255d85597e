/* SPDX-License-Identifier: MIT */
/*
 * Compares the INVVPIDs that the fake machine recorded with what the oracle
 * says.
 */
#ifndef HV_TEST_FUZZ_HYPERCALL_COVER_H
#define HV_TEST_FUZZ_HYPERCALL_COVER_H

#include "oracle/oracle.h"

struct vp;

/* True if flush work waits for `vp`. */
bool cover_has_work(const struct vp *vp);

/*
 * Does the flush work that waits for `vp`, as before its next entry. False:
 * there was work, but the CPU was still in guest mode with `vp`.
 */
bool cover_drain(struct vp *vp);

/* True if everything that `answer` names has been invalidated for `vp`. */
bool cover_is_complete(const struct vp *vp, const struct oracle_answer *answer);

#endif
