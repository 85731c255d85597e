/* SPDX-License-Identifier: MIT */
/*
 * PVH kernels: ELF files with a note that names their 32-bit entry.
 *
 * State the VP starts in (docs/misc/pvh.pandoc): EIP = plan entry, EBX = plan
 * info, 32-bit protected mode without paging, flat segments, IF = 0.
 */
#ifndef HV_COMMON_IMAGE_PVH_PLAN_H
#define HV_COMMON_IMAGE_PVH_PLAN_H

#include "common/image/image_format.h"

extern const struct image_format pvh_format;

#endif
