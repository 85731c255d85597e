/* SPDX-License-Identifier: MIT */
/* INVVPIDs: the target's side of a flush, and the caller's own part. */
#ifndef HV_CORE_FLUSH_TARGET_H
#define HV_CORE_FLUSH_TARGET_H

#include "core/flush/flush.h"
#include "core/paging/ept.h"
#include "core/state/machine.h"
#include "core/state/partition.h"

/*
 * SDM 3D, "INVVPID", promises for type 0 only the translation of the address
 * named. A guest 2 MiB page over a split EPT region has several fragments, so
 * such partitions take the whole context, unless flush-exact says otherwise.
 * rule: split-ept-whole-context
 */
static inline bool flush_is_exact(const struct partition *p)
{
	return (!ept_is_split(&p->ept) || p->config->flush_exact) &&
	       machine.invvpid_address;
}

/*
 * Executes the INVVPIDs of a request for `vp`: individual-address for each page
 * up to FLUSH_PAGES_MAX, else single-context; fall-backs 3 → 1 → 2 and 0 → 1 →
 * 2 by capability. Called in root mode on the CPU of `vp`; needs no queue and
 * no kick.
 */
void flush_invalidate(struct vp *vp, const struct flush_request *request);

/*
 * Takes the work that waits for `vp` and executes its INVVPIDs. Called in root
 * mode on the CPU of `vp`, with the run word even. The work is then done, even
 * if the entry is aborted.
 * rule: take-then-execute
 */
void flush_drain(struct vp *vp);

#endif
