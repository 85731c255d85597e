/* SPDX-License-Identifier: MIT */
/*
 * How a flush acts on a VP with a software TLB: exactly what the request names
 * is removed. Where others have INVVPID, see invalidate.h.
 */
#ifndef HV_CORE_FLUSH_DROP_H
#define HV_CORE_FLUSH_DROP_H

#include "base/types.h"

struct vp;

/* What a target has taken. */
struct drop_work {
	bool full;
	bool non_global;
	const u64 *words; /* requests, as state/flush_queue.h has them */
	u32 count;
};

/*
 * Removes it, and executes the INVVPID that a removal needs. Called in root
 * mode on the CPU of `vp`, with its VMCS current.
 */
void drop_work(struct vp *vp, const struct drop_work *work);

#endif
