/* SPDX-License-Identifier: MIT */
/*
 * Boots a PVH guest: pvh_plan() decides from the image where everything goes
 * and finds every reason to refuse it; pvh_write() (pvh_write.h) copies.
 *
 * State the VP starts in (docs/misc/pvh.pandoc): EIP = plan entry, EBX = plan
 * start_info, 32-bit protected mode without paging, flat segments, IF = 0.
 */
#ifndef HV_COMMON_IMAGE_PVH_PLAN_H
#define HV_COMMON_IMAGE_PVH_PLAN_H

#include "base/err.h"
#include "common/image/pvh_info.h"

#define PVH_SEGMENTS_MAX 16 /* PT_LOAD with memory */
#define PVH_MEMMAP_MAX   5

#define PVH_MEMORY_MIN (2 * MIB)

/* Not RAM in any plan: the guest must not expect its pages to be free */
#define PVH_RESERVED_BASE 0x9f000ull
#define PVH_RESERVED_END  0x100000ull

struct pvh_input {
	const void *image;
	size_t image_len;
	u64 initrd_len;  /* 0: none */
	u64 cmdline_len; /* without the NUL */
	u64 memory;      /* bytes of RAM at 0 */
};

struct pvh_segment {
	u64 offset; /* in the image */
	u64 filesz;
	u64 gpa;
	u64 memsz;
};

struct pvh_plan {
	u32 entry;      /* guest-physical, inside a segment's file part */
	u32 start_info; /* guest-physical; the page holds all of the below */
	u64 initrd;     /* guest-physical */
	u64 initrd_len; /* 0: none */
	u64 cmdline_len;
	u32 segment_count;
	u32 memmap_count;
	struct pvh_segment segments[PVH_SEGMENTS_MAX];
	struct hvm_memmap_table_entry memmap[PVH_MEMMAP_MAX];
	char why[160];
};

/*
 * Plans for a guest with `input->memory` bytes of RAM (whole pages, at most
 * 3 GiB). ERR_INVALID: *why, inside *plan, says what is wrong with the image
 * or does not fit, and the rest of *plan must not be used.
 */
enum err pvh_plan(struct pvh_plan *plan, const struct pvh_input *input,
		  const char **why) __must_check;

#endif
