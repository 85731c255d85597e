/* SPDX-License-Identifier: MIT */
/* The memory map that a guest is told: which of its memory is free RAM. */
#ifndef HV_COMMON_IMAGE_GUEST_MAP_H
#define HV_COMMON_IMAGE_GUEST_MAP_H

#include "common/image/pvh_info.h"

#define GUEST_MAP_MAX 9 /* three ranges, and two more for each page */

/* Not RAM in any map: where a PC has video memory and firmware */
#define GUEST_MAP_HOLE_BASE 0x9f000ull
#define GUEST_MAP_HOLE_END  0x100000ull

/* Ranges ascend, without holes; types are XEN_HVM_MEMMAP_TYPE_*, those of E820
 */
struct guest_map {
	u32 count;
	struct hvm_memmap_table_entry entry[GUEST_MAP_MAX];
};

/* RAM up to `memory`, which is above the hole, but for the hole. */
void guest_map_make(struct guest_map *map, u64 memory);

/*
 * Gives the page at `gpa` another type. Pre: a range contains it; at most three
 * pages of a map get another type.
 */
void guest_map_mark(struct guest_map *map, u64 gpa, u32 type);

#endif
