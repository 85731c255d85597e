/* SPDX-License-Identifier: MIT */
/*
 * Builds a PVH memory map from ranges in any order, as firmware lists them:
 * ascending, adjacent ranges of one type merged.
 */
#ifndef BOOT_GUEST_MEMORY_MAP_H
#define BOOT_GUEST_MEMORY_MAP_H

#include "base/err.h"
#include "common/image/pvh_info.h"

#define PVH_MAP_MAX 64 /* entries that the test guest reads */

struct pvh_map {
	struct hvm_memmap_table_entry entries[PVH_MAP_MAX];
	u32 count;
};

/*
 * Adds [base, base + len). ERR_RANGE: it wraps or overlaps another;
 * ERR_NO_MEMORY: there is no room. An empty range is ignored.
 */
enum err pvh_map_add(struct pvh_map *map, u64 base, u64 len,
		     u32 type) __must_check;

/* True if all of [base, base + len) is RAM. */
bool pvh_map_is_ram(const struct pvh_map *map, u64 base, u64 len);

#endif
