/* SPDX-License-Identifier: MIT */
/* Page tables, and an allocator that never frees. */
#include "kernel/page.h"
#include "kernel/cpu.h"
#include "kernel/die.h"
#include "kernel/mem.h"
#include "kernel/start_info.h"

#define TABLE_ENTRIES 512
#define LARGE_MAPS    4

/* filled by start.S */
u64 page_pml4[TABLE_ENTRIES] __aligned(4096);
u64 page_pdpt[TABLE_ENTRIES] __aligned(4096);
u64 page_pd[4 * TABLE_ENTRIES] __aligned(4096);

static u64 window_pdpt[TABLE_ENTRIES] __aligned(4096);
static u64 window_pd[2][TABLE_ENTRIES] __aligned(4096);
static u64 window_pt[PAGE_WINDOW_COUNT] __aligned(4096);
static u64 extra_table[2 * LARGE_MAPS][TABLE_ENTRIES] __aligned(4096);
static u32 extra_used;

extern u8 guest_end[];
static u64 next_free;
static u64 memory_end; /* of the range that page_alloc() takes from */
static u64 ram_end;

static u64 index_at(u64 gva, u32 level)
{
	return gva >> (12 + 9 * level) & (TABLE_ENTRIES - 1);
}

void page_init(void)
{
	if (!start_info_room((u64)guest_end, &next_free, &memory_end)) {
		die("out of memory");
	}
	next_free = (next_free + PAGE_SIZE - 1) & PAGE_MASK;
	ram_end = start_info_ram_end();

	page_pml4[index_at(PAGE_WINDOW, 3)] =
		(u64)window_pdpt | PTE_P | PTE_W | PTE_U;
	window_pdpt[index_at(PAGE_WINDOW, 2)] =
		(u64)window_pd[0] | PTE_P | PTE_W | PTE_U;
	window_pdpt[index_at(PAGE_WINDOW_LARGE, 2)] =
		(u64)window_pd[1] | PTE_P | PTE_W | PTE_U;
	for (u32 i = 0; i < PAGE_WINDOW_COUNT / TABLE_ENTRIES; i++) {
		window_pd[0][index_at(PAGE_WINDOW, 1) + i] =
			(u64)&window_pt[i * TABLE_ENTRIES] | PTE_P | PTE_W |
			PTE_U;
	}
	/* the xAPIC page, for machines without x2APIC */
	page_pd[0xfee00000 / PAGE_LARGE] |= PTE_PCD;
	cpu_set_cr3(cpu_cr3());
}

void *page_alloc(u64 len)
{
	u64 at = next_free;

	len = (len + PAGE_SIZE - 1) & PAGE_MASK;
	if (at + len > memory_end) {
		die("out of memory");
	}
	next_free += len;
	return memset((void *)at, 0, len);
}

void *page_alloc_large(void)
{
	u64 at = (next_free + PAGE_LARGE - 1) & ~(PAGE_LARGE - 1);

	if (at + PAGE_LARGE > memory_end) {
		die("out of memory");
	}
	next_free = at + PAGE_LARGE;
	return (void *)at;
}

u64 page_memory_end(void)
{
	return ram_end;
}

static void store(u64 *entry, u64 value)
{
	__atomic_store_n(entry, value, __ATOMIC_SEQ_CST);
}

void page_map(u32 i, u64 gpa, u64 flags)
{
	store(&window_pt[i], gpa | flags | PTE_P | PTE_W);
}

void page_set_entry(u32 i, u64 entry)
{
	store(&window_pt[i], entry);
}

u64 page_get_entry(u32 i)
{
	return __atomic_load_n(&window_pt[i], __ATOMIC_SEQ_CST);
}

void page_map_large(u32 i, u64 gpa, u64 flags)
{
	store(&window_pd[1][index_at(PAGE_WINDOW_LARGE, 1) + i],
	      gpa | flags | PTE_PS | PTE_P | PTE_W);
}

void page_map_table(u64 gpa)
{
	store(&window_pd[1][index_at(PAGE_TABLE_GVA, 1)], gpa | PTE_P | PTE_W);
}

void page_unmap_table(void)
{
	store(&window_pd[1][index_at(PAGE_TABLE_GVA, 1)], 0);
}

static u64 *extra_below(u64 *table, u64 i)
{
	if ((table[i] & PTE_P) == 0) {
		if (extra_used == ARRAY_SIZE(extra_table)) {
			die("out of page tables");
		}
		table[i] = (u64)extra_table[extra_used++] | PTE_P | PTE_W;
	}
	return (u64 *)(table[i] & GENMASK(51, 12));
}

void page_map_identity(u64 gpa)
{
	u64 *pdpt = extra_below(page_pml4, index_at(gpa, 3));
	u64 *pd = extra_below(pdpt, index_at(gpa, 2));

	store(&pd[index_at(gpa, 1)],
	      (gpa & ~(PAGE_LARGE - 1)) | PTE_PS | PTE_P | PTE_W);
	cpu_invlpg(gpa);
}
