/* SPDX-License-Identifier: MIT */
/*
 * Decides which table page is which and fills them. SDM 3A, "4-Level Paging":
 * each level takes 9 bits of the linear address, and page directories map 2 MiB
 * pages.
 */
#include "entry_tables.h"

#include "base/bits.h"

#define ENTRY_PRESENT BIT(0)
#define ENTRY_WRITE   BIT(1)
#define ENTRY_LARGE   BIT(7) /* in a page directory: a 2 MiB page */
#define ENTRY_TABLE   (ENTRY_PRESENT | ENTRY_WRITE)
#define ENTRY_PAGE    (ENTRY_PRESENT | ENTRY_WRITE | ENTRY_LARGE)

#define PML4_INDEX(va) (((va) >> 39) & 511)
#define PDPT_INDEX(va) (((va) >> 30) & 511)
#define PD_INDEX(va)   (((va) >> 21) & 511)

#define LARGE_PAGE (2 * MIB)

enum page_use {
	PAGE_PML4,
	PAGE_LOW_PDPT,
	PAGE_LOW_PD, /* four of them */
	PAGE_IMAGE_PDPT = PAGE_LOW_PD + 4,
	PAGE_IMAGE_PD,
	PAGE_COUNT,
};

_Static_assert(PAGE_COUNT == ENTRY_TABLES_PAGES, "every page has its use");
_Static_assert(PD_INDEX(HANDOFF_IMAGE_BASE) == 0, "the image starts a 1 GiB");

static u64 table_entry(const struct entry_tables_page *table)
{
	return (u64)(uintptr_t)table | ENTRY_TABLE;
}

static void map_identity(struct entry_tables_page *pages)
{
	pages[PAGE_PML4].entry[0] = table_entry(&pages[PAGE_LOW_PDPT]);
	for (u64 gib = 0; gib < 4; gib++) {
		struct entry_tables_page *pd = &pages[PAGE_LOW_PD + gib];

		pages[PAGE_LOW_PDPT].entry[gib] = table_entry(pd);
		for (u64 i = 0; i < 512; i++) {
			pd->entry[i] =
				(gib * GIB + i * LARGE_PAGE) | ENTRY_PAGE;
		}
	}
}

static void map_image(struct entry_tables_page *pages,
		      struct handoff_range image)
{
	pages[PAGE_PML4].entry[PML4_INDEX(HANDOFF_IMAGE_BASE)] =
		table_entry(&pages[PAGE_IMAGE_PDPT]);
	pages[PAGE_IMAGE_PDPT].entry[PDPT_INDEX(HANDOFF_IMAGE_BASE)] =
		table_entry(&pages[PAGE_IMAGE_PD]);
	for (u64 at = 0; at < image.len; at += LARGE_PAGE) {
		pages[PAGE_IMAGE_PD].entry[PD_INDEX(at)] =
			(image.base + at) | ENTRY_PAGE;
	}
}

u64 entry_tables_build(struct entry_tables_page *pages,
		       struct handoff_range image)
{
	for (u32 page = 0; page < ENTRY_TABLES_PAGES; page++) {
		for (u32 i = 0; i < 512; i++) {
			pages[page].entry[i] = 0;
		}
	}
	map_identity(pages);
	map_image(pages, image);
	return (u64)(uintptr_t)&pages[PAGE_PML4];
}
