/* SPDX-License-Identifier: MIT */
/*
 * A partition with software TLBs whose VPs have cached the same pages in two
 * address spaces: what a flush removes and what it leaves can be seen.
 */
#ifndef HV_TEST_SUPPORT_SOFT_SPACES_H
#define HV_TEST_SUPPORT_SOFT_SPACES_H

#include "support/soft_tlb.h"

#define SOFT_SPACES  2
#define SOFT_PAGES   16
#define SOFT_GVA     0x7f0000200000ull /* of page 0 */
#define SOFT_ALL     GENMASK(SOFT_PAGES - 1, 0)
#define SOFT_GLOBALS (SOFT_ALL & 0x4924) /* every third page */

/* One root is at 0: a call that names no space names this one. */
extern const u64 soft_cr3[SOFT_SPACES];

/* Resets the fake machine. */
struct partition *soft_spaces_setup(u32 vp_count, u32 stride);

/* Every VP has cached all pages of both spaces again. */
void soft_spaces_fill(struct partition *p);

/* The pages that `vp` has cached in that space, a bit each. */
u64 soft_spaces_has(const struct vp *vp, u32 space);

/* All VPs do the flush work that waits for them. */
void soft_spaces_drain(struct partition *p);

#endif
