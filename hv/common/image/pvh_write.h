/* SPDX-License-Identifier: MIT */
/* Writes what pvh_plan() decided into the memory of the guest. */
#ifndef HV_COMMON_IMAGE_PVH_WRITE_H
#define HV_COMMON_IMAGE_PVH_WRITE_H

#include "common/image/pvh_plan.h"

struct partition;

/*
 * Writes the plan into the partition's RAM, which is all 0 before. `image`,
 * `initrd` (plan->initrd_len bytes) and `cmdline` (plan->cmdline_len bytes) are
 * those of the plan. Fails only where port_write_guest() does.
 */
enum err pvh_write(const struct pvh_plan *plan, struct partition *p,
		   const void *image, const void *initrd,
		   const char *cmdline) __must_check;

#endif
