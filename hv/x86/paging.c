/* SPDX-License-Identifier: MIT */
/*
 * Builds the page tables of root mode and decides what is mapped with which
 * rights. paging_walk.c reads them.
 */
#include "x86/paging.h"

#include "core/port/port.h"
#include "x86/cr.h"
#include "x86/insn.h"
#include "x86/msr.h"
#include "x86/pool.h"
#include "x86/pte.h"
#include "x86/section.h"

#define RIGHTS_RX 0ull
#define RIGHTS_R  PTE_NX
#define RIGHTS_RW (PTE_NX | PTE_WRITE)

struct mapping {
	u64 va;
	u64 hpa;
	u64 len;
	u64 rights;
};

static u64 root __ro_after_launch; /* host-physical */

/* Where tables are reached: at 0 under the loader's tables, then direct map */
static u64 tables_at __ro_after_launch;

static u64 *table_at(u64 hpa)
{
	return (u64 *)(hpa + tables_at);
}

static u64 table_new(void)
{
	u64 hpa = pool_take(1);

	if (hpa == 0) {
		port_panic("pool used up by page tables");
	}
	return hpa;
}

/* The entry for `va` at `level`; missing tables above it are made. */
static u64 *entry_for(u64 from_root, u64 va, u32 level)
{
	u64 *table = table_at(from_root);

	for (u32 l = PTE_LEVELS; l > level; l--) {
		u64 *entry = &table[PTE_INDEX(va, l)];

		if (*entry == 0) {
			/* rights are decided by the leaf */
			*entry = table_new() | PTE_PRESENT | PTE_WRITE;
		}
		HV_ASSERT(!(*entry & PTE_LARGE));
		table = table_at(*entry & PTE_ADDR);
	}
	return &table[PTE_INDEX(va, level)];
}

static u32 level_for(u64 va, u64 hpa, u64 left)
{
	bool fits =
		((va | hpa) & (PTE_SIZE(2) - 1)) == 0 && left >= PTE_SIZE(2);

	return fits ? 2 : 1;
}

/*
 * A page may be mapped twice, but with the same rights only: ranges from the
 * loader that are not whole pages can share one.
 */
static void map(u64 to_root, const struct mapping *m)
{
	u64 done = 0;

	HV_ASSERT(((m->va | m->hpa | m->len) & ~PAGE_MASK) == 0);
	while (done < m->len) {
		u32 level =
			level_for(m->va + done, m->hpa + done, m->len - done);
		u64 leaf = (m->hpa + done) | m->rights | PTE_PRESENT |
			   (level > 1 ? PTE_LARGE : 0);
		u64 *entry = entry_for(to_root, m->va + done, level);

		HV_ASSERT((*entry == 0 || *entry == leaf));
		*entry = leaf;
		done += PTE_SIZE(level);
	}
}

/* Maps the pages that [base, base + len) touches; nothing if len is 0. */
static void map_direct(u64 base, u64 len, u64 rights)
{
	u64 first = base & PAGE_MASK;
	u64 end = (base + len + PAGE_SIZE - 1) & PAGE_MASK;
	struct mapping m = {.va = DIRECT_MAP_BASE + first,
			    .hpa = first,
			    .len = end - first,
			    .rights = rights};

	HV_ASSERT(base + len >= base &&
		  base + len <= STACK_AREA_BASE - DIRECT_MAP_BASE);
	if (len != 0) {
		map(root, &m);
	}
}

struct part {
	const u8 *start;
	const u8 *end;
	u64 rights;
};

static const struct part parts[] = {
	{section_text_start, section_text_end, RIGHTS_RX},
	{section_rodata_start, section_rodata_end, RIGHTS_R},
	{section_ro_after_launch_start, section_ro_after_launch_end, RIGHTS_RW},
	{section_data_start, section_boot_guard, RIGHTS_RW},
	{section_boot_guard + PAGE_SIZE, section_data_end, RIGHTS_RW},
};

static void map_image(const struct handoff *handoff)
{
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		u64 va = (u64)parts[i].start;
		struct mapping m = {
			.va = va,
			.hpa = handoff->image.base + (va - HANDOFF_IMAGE_BASE),
			.len = (u64)parts[i].end - va,
			.rights = parts[i].rights,
		};

		map(root, &m);
	}
}

static void map_memory(const struct handoff *handoff)
{
	map_direct(handoff->pool.base, handoff->pool.len & PAGE_MASK,
		   RIGHTS_RW);
	map_direct(handoff->trampoline.base, handoff->trampoline.len,
		   RIGHTS_RW);
	map_direct(handoff->crash_log.base, handoff->crash_log.len, RIGHTS_RW);
	map_direct((u64)handoff, sizeof(*handoff), RIGHTS_R);
	for (u32 i = 0; i < handoff->config.partition_count; i++) {
		const struct handoff_partition *p = &handoff->partition[i];

		map_direct(p->memory.base, p->memory.len, RIGHTS_RW);
		map_direct(p->image.base, p->image.len, RIGHTS_R);
		map_direct(p->initrd.base, p->initrd.len, RIGHTS_R);
		if (p->symbols.base != p->image.base) {
			map_direct(p->symbols.base, p->symbols.len, RIGHTS_R);
		}
	}
}

const struct handoff *paging_init(const struct handoff *handoff)
{
	tables_at = 0;
	root = table_new();
	map_image(handoff);
	map_memory(handoff);
	paging_load();
	tables_at = DIRECT_MAP_BASE;
	return paging_direct((hpa_t){(u64)handoff});
}

void paging_load(void)
{
	u64 efer = insn_rdmsr(MSR_IA32_EFER);

	if (!(efer & EFER_NXE)) {
		insn_wrmsr(MSR_IA32_EFER, efer | EFER_NXE);
	}
	insn_write_cr0(insn_read_cr0() | CR0_WP);
	/* the loader's tables may hold global pages */
	insn_write_cr4(insn_read_cr4() & ~CR4_PGE);
	insn_write_cr3(root);
}

u64 paging_root(void)
{
	return root;
}

void *paging_map_device(hpa_t registers)
{
	void *at = paging_direct(registers);

	/* another device's may be in the same page */
	if (*entry_for(root, (u64)at & PAGE_MASK, 1) == 0) {
		/* entry 3 of the PAT, which percpu.c resets. SDM 3A, "Page
		   Attribute Table (PAT)" */
		map_direct(registers.v, 1, RIGHTS_RW | PTE_PCD | PTE_PWT);
	}
	return at;
}

void paging_map_page(u64 va, hpa_t page)
{
	struct mapping m = {
		.va = va, .hpa = page.v, .len = PAGE_SIZE, .rights = RIGHTS_RW};

	map(root, &m);
}

void paging_seal(void)
{
	u64 end = (u64)section_ro_after_launch_end;

	for (u64 va = (u64)section_ro_after_launch_start; va < end;
	     va += PAGE_SIZE) {
		u64 *entry = entry_for(root, va, 1);

		HV_ASSERT(*entry & PTE_PRESENT);
		*entry &= ~PTE_WRITE;
	}
	paging_load();
}

u32 paging_trampoline_root(hpa_t page)
{
	u64 fresh = table_new();
	struct mapping m = {.va = page.v,
			    .hpa = page.v,
			    .len = PAGE_SIZE,
			    .rights = RIGHTS_RX};

	HV_ASSERT(page.v < MIB && fresh < 4 * GIB);
	map(fresh, &m);
	for (u32 i = 256; i < 512; i++) {
		table_at(fresh)[i] = table_at(root)[i];
	}
	return (u32)fresh;
}
