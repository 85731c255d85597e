/* SPDX-License-Identifier: MIT */
/* From flush work to INVVPIDs. */
#ifndef HV_CORE_FLUSH_DRAIN_H
#define HV_CORE_FLUSH_DRAIN_H

#include "core/flush.h"
#include "core/machine.h"
#include "core/partition.h"

/*
 * SDM 3D, "INVVPID", promises for type 0 only the translation of the address
 * named. A guest 2 MiB page over a split EPT region has several fragments, so
 * such partitions take the whole context, unless flush-exact says otherwise.
 */
static inline bool flush_is_exact(const struct partition *p)
{
	return (!ept_is_split(&p->ept) || p->config->flush_exact) &&
	       machine.invvpid_address;
}

/*
 * Executes the INVVPIDs of one piece of work for `vp`: individual-address for
 * each page up to FLUSH_PAGES_MAX, else single-context; fall-backs 3 → 1 → 2
 * and 0 → 1 → 2 by capability. Own CPU, root mode.
 */
void flush_execute(struct vp *vp, enum flush_kind kind, const u64 *ranges,
		   u32 count);

#endif
