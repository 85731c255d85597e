/* SPDX-License-Identifier: MIT */
/* Registers of a VP that others may read: core/paging/published.h. */
#ifndef HV_CORE_STATE_PUBLISHED_H
#define HV_CORE_STATE_PUBLISHED_H

#include "base/types.h"

/* All zero: a VP before its first entry, paging off. */
struct published {
	u64 cr0;
	u64 cr3;
	u64 cr4;
	u64 efer;
	u64 rflags;
	u64 ss_access; /* its DPL is the CPL, in every mode */
	u64 pat;
	u64 pdpte[4]; /* only while PAE paging is on; else 0 */
};

#endif
