/* SPDX-License-Identifier: MIT */
/*
 * What lies at the reset vector F000:FFF0 in each partition's RAM. Its memory
 * map says that [0x9F000, 1 MiB) is reserved, so a guest that boots normally
 * leaves it alone.
 */
#ifndef HV_CORE_LIFECYCLE_RESET_VECTOR_H
#define HV_CORE_LIFECYCLE_RESET_VECTOR_H

#include "base/err.h"
#include "base/types.h"

struct partition;

#define RESET_VECTOR 0xffff0 /* F000:FFF0 as a guest-physical address */

/*
 * Writes code that asks for a reset by port 0xCF9, unless a segment of the
 * image is there. Called when p->plan is set. Fails only where
 * port_write_guest() does.
 */
enum err reset_vector_write(struct partition *p) __must_check;

#endif
