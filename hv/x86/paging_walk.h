/* SPDX-License-Identifier: MIT */
/* What the live page tables hold. */
#ifndef HV_X86_PAGING_WALK_H
#define HV_X86_PAGING_WALK_H

#include "base/types.h"

/* Leaves of the tables that CR3 points at: all, and those that are W and X. */
u32 paging_count_leaves(void);
u32 paging_count_wx(void);

/*
 * What `va` belongs to, for a report: "text", "stack-guard cpu=N", … The text
 * is valid until the next call. One caller at a time.
 */
const char *paging_name(u64 va);

#endif
