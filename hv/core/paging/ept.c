/* SPDX-License-Identifier: MIT */
/*
 * EPT tables of a partition. SDM 3C, "The Extended Page Table Mechanism
 * (EPT)": 4 levels, write-back, no accessed and dirty flags.
 */
#include "core/paging/ept.h"

#include "core/port/port.h"

#define EPT_RWX        (EPT_READ | EPT_WRITE | EPT_EXECUTE)
#define EPT_TYPE_WB    (U(6) << 3)
#define EPT_LARGE      BIT(7)
#define EPT_ENTRIES    512
#define EPTP_WB_4LEVEL (U(6) | (U(3) << 3))

static u32 level_index(u64 gpa, unsigned level)
{
	return (u32)(gpa >> (12 + 9 * level)) & (EPT_ENTRIES - 1);
}

/* One PDPT and up to three PDs: RAM ends at 3 GiB. */
enum err ept_build(struct ept *ept, hpa_t base, u64 len)
{
	u64 pd_count = (len + GIB - 1) / GIB;
	u64 *pages = port_pool_pages(3 + pd_count);
	u64 *pdpt;
	u64 *pd;

	if (pages == NULL) {
		return ERR_NO_MEMORY;
	}
	ept->root = pages;
	ept->split = pages + EPT_ENTRIES;
	pdpt = pages + 2 * EPT_ENTRIES;
	pd = pages + 3 * EPT_ENTRIES;
	ept->root[0] = port_hpa(pdpt).v | EPT_RWX;
	for (u64 i = 0; i < pd_count; i++) {
		pdpt[i] = port_hpa(pd + i * EPT_ENTRIES).v | EPT_RWX;
	}
	for (u64 at = 0; at < len; at += 2 * MIB) {
		pd[at / (2 * MIB)] =
			(base.v + at) | EPT_RWX | EPT_TYPE_WB | EPT_LARGE;
	}
	ept->split_slot = NULL;
	ept->eptp = port_hpa(ept->root).v | EPTP_WB_4LEVEL;
	return ERR_OK;
}

static u64 *next_table(u64 *slot, u64 count)
{
	u64 *tables = port_pool_pages(count);

	for (u64 i = 0; i < count && tables != NULL; i++) {
		slot[i] = port_hpa(tables + i * EPT_ENTRIES).v | EPT_RWX;
	}
	return tables;
}

/*
 * The CPU only reads them: accessed and dirty flags of the EPT are off, and the
 * entries in them need no change by the CPU.
 */
static enum err map_read_only(struct ept *ept, u64 gpa, hpa_t from, u32 count)
{
	u64 *slot = &ept->root[2 * EPT_ENTRIES + level_index(gpa, 2)];
	u64 *leaves;

	if (*slot == 0) {
		ept->tables_pd = next_table(slot, 1);
	}
	if (ept->tables_pd == NULL) {
		return ERR_NO_MEMORY;
	}
	leaves = next_table(&ept->tables_pd[level_index(gpa, 1)],
			    (count + EPT_ENTRIES - 1) / EPT_ENTRIES);
	if (leaves == NULL) {
		return ERR_NO_MEMORY;
	}
	for (u32 i = 0; i < count; i++) {
		leaves[i] = (from.v + i * PAGE_SIZE) | EPT_READ | EPT_TYPE_WB;
	}
	return ERR_OK;
}

enum err ept_map_pdptes(struct ept *ept, hpa_t from)
{
	return map_read_only(ept, EPT_PDPTES_BASE, from, EPT_PDPTES_PAGES);
}

enum err ept_map_tables(struct ept *ept, u32 number, hpa_t from, u32 count)
{
	return map_read_only(ept, EPT_TABLES_BASE + number * EPT_TABLES_SIZE,
			     from, count);
}

static u64 *ept_pde(struct ept *ept, u64 gpa)
{
	/* the PDs follow root, split and PDPT in one block */
	return ept->root + 3 * EPT_ENTRIES +
	       (u64)level_index(gpa, 2) * EPT_ENTRIES + level_index(gpa, 1);
}

void ept_overlay_on(struct ept *ept, gpa_t at, hpa_t page)
{
	u64 *slot = ept_pde(ept, at.v);
	u64 ram;

	ept_overlay_off(ept);
	ram = *slot & EPT_ADDRESS;
	for (u64 i = 0; i < EPT_ENTRIES; i++) {
		ept->split[i] = (ram + i * PAGE_SIZE) | EPT_RWX | EPT_TYPE_WB;
	}
	ept->split[level_index(at.v, 0)] =
		page.v | EPT_READ | EPT_EXECUTE | EPT_TYPE_WB;
	ept->split_saved = *slot;
	__atomic_store_n(&ept->split_slot, slot, __ATOMIC_RELAXED);
	/* the table is complete before a walk can find it */
	__atomic_store_n(slot, port_hpa(ept->split).v | EPT_RWX,
			 __ATOMIC_RELEASE);
}

void ept_overlay_off(struct ept *ept)
{
	if (ept->split_slot == NULL) {
		return;
	}
	__atomic_store_n(ept->split_slot, ept->split_saved, __ATOMIC_RELEASE);
	__atomic_store_n(&ept->split_slot, NULL, __ATOMIC_RELAXED);
}

u64 ept_entry(struct ept *ept, gpa_t gpa, u32 *level)
{
	u64 entry = __atomic_load_n(ept_pde(ept, gpa.v), __ATOMIC_RELAXED);

	*level = 2;
	if (!(entry & EPT_LARGE)) {
		*level = 1;
		entry = __atomic_load_n(&ept->split[level_index(gpa.v, 0)],
					__ATOMIC_RELAXED);
	}
	return entry;
}
