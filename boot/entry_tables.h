/* SPDX-License-Identifier: MIT */
/*
 * The page tables with which a loader enters the hypervisor: what
 * include/handoff.h promises about CR3. They live only until the hypervisor has
 * built its own. Both loaders use them; nothing here calls firmware.
 */
#ifndef BOOT_ENTRY_TABLES_H
#define BOOT_ENTRY_TABLES_H

#include "handoff.h"

/* PML4, two PDPTs, four page directories for [0, 4 GiB), one for the image */
#define ENTRY_TABLES_PAGES 8

struct entry_tables_page {
	u64 entry[512];
} __aligned(4096);

/*
 * Fills `pages` (ENTRY_TABLES_PAGES of them, below 4 GiB, at the physical
 * address of their pointer) and returns the value for CR3. Maps [0, 4 GiB) to
 * itself and `image` at HANDOFF_IMAGE_BASE with 2 MiB pages, all readable,
 * writable and executable.
 * Pre: image.base is 2 MiB aligned, image.len at most HANDOFF_IMAGE_MAX.
 */
u64 entry_tables_build(struct entry_tables_page *pages,
		       struct handoff_range image);

#endif
