/* SPDX-License-Identifier: MIT */
/*
 * Puts the hypervisor's ELF image where the entry tables will show it at
 * HANDOFF_IMAGE_BASE. Both loaders use it; nothing here calls firmware.
 */
#ifndef BOOT_IMAGE_H
#define BOOT_IMAGE_H

#include "common/image/elf.h"

struct image {
	struct elf elf;
	u64 len;   /* memory that it needs, a multiple of 2 MiB */
	u64 entry; /* linear address of its first instruction */
};

/*
 * Checks the file: ELF64, every PT_LOAD segment and the entry point inside
 * [HANDOFF_IMAGE_BASE, HANDOFF_IMAGE_BASE + HANDOFF_IMAGE_MAX). The file must
 * stay as it is while `image` is used. On ERR_INVALID or ERR_RANGE *why says
 * what was expected.
 */
enum err image_open(struct image *image, const void *file, size_t len,
		    const char **why) __must_check;

/*
 * Copies the segments to `to`, image->len bytes that will be mapped at
 * HANDOFF_IMAGE_BASE, and clears what the file does not fill.
 * Pre: image_open() returned ERR_OK.
 */
void image_place(const struct image *image, void *to);

#endif
