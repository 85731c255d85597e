/* SPDX-License-Identifier: MIT */
/*
 * How translations of a VP are thrown away: by INVVPID. The one place that
 * chooses its type. All functions are called in root mode on the CPU of `vp`.
 */
#ifndef HV_CORE_FLUSH_INVALIDATE_H
#define HV_CORE_FLUSH_INVALIDATE_H

#include "core/paging/ept.h"
#include "core/state/machine.h"
#include "core/state/partition.h"

struct vp;

#define INVALIDATE_PAGES_MAX 32 /* more pages than that: single-context */

/*
 * True if ranges are thrown away page by page, so that they must be known. SDM
 * 3C, "Guidelines for Use of the INVVPID Instruction": type 0 does what INVLPG
 * does, which also removes the pieces of a large page. That a guest 2 MiB page
 * over a split EPT region is such a page is not said in one sentence (decision
 * 0037), so with flush-exact = no such partitions take the whole context.
 * rule: split-ept-whole-context
 */
static inline bool invalidate_is_exact(const struct partition *p)
{
	return (LIKELY(!p->split_widens) || !ept_is_split(&p->ept)) &&
	       machine.invvpid_address;
}

/* Everything: single-context, or all-context where the CPU lacks that. */
void invalidate_all(struct vp *vp);

/* Everything but globals; all where the CPU has no such type. */
void invalidate_non_global(struct vp *vp);

/*
 * Ranges of the TLFS's simple format: individual-address for each page up to
 * INVALIDATE_PAGES_MAX, else everything.
 */
void invalidate_ranges(struct vp *vp, const u64 *ranges, u32 count);

#endif
