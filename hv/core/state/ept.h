/* SPDX-License-Identifier: MIT */
/* What a partition's EPT keeps: core/paging/ept.h. */
#ifndef HV_CORE_STATE_EPT_H
#define HV_CORE_STATE_EPT_H

#include "base/types.h"

struct ept {
	u64 *root;       /* PML4, one page from the pool */
	u64 *split;      /* the preallocated 4 KiB table */
	u64 *split_slot; /* the PDE that points at it, NULL: nothing split */
	u64 split_saved; /* what that PDE was */
	u64 eptp;        /* value for the VMCS; constant after launch */

	/* while the partition is built: the PD of the last ept_map_tables() */
	u64 *tables_pd;
};

#endif
