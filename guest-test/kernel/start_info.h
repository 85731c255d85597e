/* SPDX-License-Identifier: MIT */
/* What the PVH loader says: struct hvm_start_info and its memory map. */
#ifndef GUEST_TEST_KERNEL_START_INFO_H
#define GUEST_TEST_KERNEL_START_INFO_H

#include "base/types.h"

#define START_INFO_MAGIC   0x336ec578u
#define START_INFO_RAM     1u
#define START_INFO_ENTRIES 64

struct start_info {
	u32 magic;
	u32 version;
	u32 flags;
	u32 nr_modules;
	u64 modlist;
	u64 cmdline;
	u64 rsdp;
	/* version 1 */
	u64 memmap;
	u32 memmap_entries;
	u32 reserved;
};
_Static_assert(sizeof(struct start_info) == 56, "hvm_start_info");

struct start_info_range {
	u64 addr;
	u64 len;
	u32 type;
	u32 reserved;
};
_Static_assert(sizeof(struct start_info_range) == 24, "hvm_memmap_table_entry");

/* Copies all of it, also the command line (cmdline.h): RAM is free then. */
void start_info_read(u64 gpa);

const struct start_info *start_info_get(void);
u32 start_info_range_count(void);
const struct start_info_range *start_info_range_at(u32 i);

/*
 * End of all RAM below 4 GiB, which is mapped one to one. Under firmware there
 * are several ranges, and a device need not follow the last one.
 */
u64 start_info_ram_end(void);

/* The longest piece of that RAM at or above `from`; false if there is none. */
bool start_info_room(u64 from, u64 *base, u64 *end);

#endif
