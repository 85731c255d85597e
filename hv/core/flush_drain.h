/* SPDX-License-Identifier: MIT */
/* From flush work to INVVPIDs. */
#ifndef HV_CORE_FLUSH_DRAIN_H
#define HV_CORE_FLUSH_DRAIN_H

#include "core/flush.h"

/*
 * Executes the INVVPIDs of one piece of work for `vp`: individual-address for
 * each page up to FLUSH_PAGES_MAX, else single-context; fall-backs 3 → 1 → 2
 * and 0 → 1 → 2 by capability. Own CPU, root mode.
 */
void flush_execute(struct vp *vp, enum flush_kind kind, const u64 *ranges,
		   u32 count);

#endif
