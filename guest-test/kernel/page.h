/* SPDX-License-Identifier: MIT */
/*
 * Guest memory. The low 4 GiB are mapped one to one; a window high above is
 * where the tests swap translations. No function here executes INVLPG for it.
 */
#ifndef GUEST_TEST_KERNEL_PAGE_H
#define GUEST_TEST_KERNEL_PAGE_H

#include "base/bits.h"
#include "base/types.h"

#define PTE_P   BIT(0)
#define PTE_W   BIT(1)
#define PTE_U   BIT(2)
#define PTE_PCD BIT(4)
#define PTE_PS  BIT(7)
#define PTE_G   BIT(8)

#define PAGE_LARGE (2 * MIB)

/*
 * 1024 pages of 4 KiB. Bit 22 of their addresses is 1, that of the kernel, its
 * stacks and its data is 0 (they lie in the first 4 MiB): a TLB that is indexed
 * by address bits 22:12 does not evict one for the other.
 */
#define PAGE_WINDOW       0xffff900000400000ull
#define PAGE_WINDOW_COUNT 1024u
/* 16 pages of 2 MiB; bit 22 of the first address is 1 too */
#define PAGE_WINDOW_LARGE       0xffff900040400000ull
#define PAGE_WINDOW_LARGE_COUNT 16u
#define PAGE_WINDOW_LARGE_END                                                  \
	(PAGE_WINDOW_LARGE + PAGE_WINDOW_LARGE_COUNT * PAGE_LARGE)

/* To be called first: takes the longest range of RAM above the kernel. */
void page_init(void);

/* Zeroed and page aligned; never freed. Without memory the run ends. */
void *page_alloc(u64 len);
void *page_alloc_large(void); /* 2 MiB, 2 MiB aligned, not zeroed */

/* End of the RAM block: first guest-physical address outside it. */
u64 page_memory_end(void);

static inline u64 page_gpa(const void *p)
{
	return (u64)p;
}

static inline u64 page_window(u32 i)
{
	return PAGE_WINDOW + (u64)i * PAGE_SIZE;
}

static inline u64 page_window_large(u32 i)
{
	return PAGE_WINDOW_LARGE + (u64)i * PAGE_LARGE;
}

/* Writes the leaf entry by one store; `flags` are added to P and W. */
void page_map(u32 i, u64 gpa, u64 flags);
/* i = PAGE_WINDOW_LARGE_COUNT: the page at PAGE_TABLE_GVA */
void page_map_large(u32 i, u64 gpa, u64 flags);

/* Writes and reads the whole leaf entry. */
void page_set_entry(u32 i, u64 entry);
u64 page_get_entry(u32 i);

/* Lets an entry name a page table at `gpa`, which maps PAGE_TABLE_GVA. */
#define PAGE_TABLE_GVA PAGE_WINDOW_LARGE_END
void page_map_table(u64 gpa);
void page_unmap_table(void);

/* Maps the 2 MiB around `gpa`, which may be anywhere below 2^47, one to one. */
void page_map_identity(u64 gpa);

#endif
