/* SPDX-License-Identifier: MIT */
/* Writes what image_plan() decided into the memory of the guest. */
#ifndef HV_COMMON_IMAGE_IMAGE_WRITE_H
#define HV_COMMON_IMAGE_IMAGE_WRITE_H

#include "common/image/image_plan.h"

struct partition;

/*
 * Writes all parts of the plan into the partition's RAM, which is all 0 before.
 * `image` and `initrd` (plan->initrd_len bytes) are those of the plan. Fails
 * only where port_write_guest() does.
 */
enum err image_write(const struct image_plan *plan, struct partition *p,
		     const void *image, const void *initrd) __must_check;

#endif
