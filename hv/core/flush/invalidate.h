/* SPDX-License-Identifier: MIT */
/* From flush work to INVVPIDs. */
#ifndef HV_CORE_FLUSH_INVALIDATE_H
#define HV_CORE_FLUSH_INVALIDATE_H

#include "core/flush/flush.h"
#include "core/paging/ept.h"
#include "core/state/machine.h"
#include "core/state/partition.h"

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

#endif
