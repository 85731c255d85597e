/* SPDX-License-Identifier: MIT */
/* The tables lie in the kernel's image, so below 4 GiB. */
#include "kernel/paging32.h"
#include "kernel/cpu.h"
#include "kernel/page.h"

#include "x86/cr.h"

#define GIB_PAE     512u /* directory entries of 2 MiB */
#define GIB_CLASSIC 256u /* of 4 MiB */
#define LAST_GIB    3u

static u64 pae_pointers[LAST_GIB + 1] __aligned(32);
static u64 pae_directory[(LAST_GIB + 1) * GIB_PAE] __aligned(4096);
static u64 pae_table[GIB_PAE] __aligned(4096);
static u32 classic_directory[(LAST_GIB + 1) * GIB_CLASSIC] __aligned(4096);
static u32 classic_table[1024] __aligned(4096);

u32 paging32_cr3;
u32 paging32_cr4;

static void build(void)
{
	for (u32 i = 0; i < LAST_GIB * GIB_PAE; i++) {
		pae_directory[i] = (u64)i * PAGE_LARGE | PTE_PS | PTE_P | PTE_W;
	}
	pae_directory[LAST_GIB * GIB_PAE] = (u64)pae_table | PTE_P | PTE_W;
	for (u32 i = 0; i <= LAST_GIB; i++) {
		/* all other flags are reserved here */
		pae_pointers[i] = (u64)&pae_directory[i * GIB_PAE] | PTE_P;
	}
	for (u32 i = 0; i < LAST_GIB * GIB_CLASSIC; i++) {
		classic_directory[i] =
			(u32)(i * 2 * PAGE_LARGE | PTE_PS | PTE_P | PTE_W);
	}
	classic_directory[LAST_GIB * GIB_CLASSIC] =
		(u32)((u64)classic_table | PTE_P | PTE_W);
}

void paging32_select(enum paging32 kind)
{
	u64 cr4 = cpu_cr4() & ~CR4_PAE;

	if (pae_pointers[0] == 0) {
		build();
	}
	if (kind == PAGING32_PAE) {
		paging32_cr3 = (u32)(u64)pae_pointers;
		paging32_cr4 = (u32)(cr4 | CR4_PAE);
	} else {
		paging32_cr3 = (u32)(u64)classic_directory;
		paging32_cr4 = (u32)(cr4 | CR4_PSE);
	}
}

static u64 *pae_entry(bool is_large, u32 i)
{
	return is_large ? &pae_directory[LAST_GIB * GIB_PAE + i]
			: &pae_table[i];
}

static u32 *classic_entry(bool is_large, u32 i)
{
	return is_large ? &classic_directory[LAST_GIB * GIB_CLASSIC + i]
			: &classic_table[i];
}

void paging32_set(enum paging32 kind, bool is_large, u32 i, u64 entry)
{
	if (kind == PAGING32_PAE) {
		__atomic_store_n(pae_entry(is_large, i), entry,
				 __ATOMIC_SEQ_CST);
	} else {
		__atomic_store_n(classic_entry(is_large, i), (u32)entry,
				 __ATOMIC_SEQ_CST);
	}
}

u64 paging32_get(enum paging32 kind, bool is_large, u32 i)
{
	if (kind == PAGING32_PAE) {
		return __atomic_load_n(pae_entry(is_large, i),
				       __ATOMIC_SEQ_CST);
	}
	return __atomic_load_n(classic_entry(is_large, i), __ATOMIC_SEQ_CST);
}

u32 paging32_entry(enum paging32 kind, bool is_large, u32 i)
{
	return kind == PAGING32_PAE ? (u32)(u64)pae_entry(is_large, i)
				    : (u32)(u64)classic_entry(is_large, i);
}

u32 paging32_address(enum paging32 kind, bool is_large, u32 i)
{
	u32 large = (u32)(kind == PAGING32_PAE ? PAGE_LARGE : 2 * PAGE_LARGE);

	return PAGING32_BASE + i * (is_large ? large : (u32)PAGE_SIZE);
}
