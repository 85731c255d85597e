/* SPDX-License-Identifier: MIT */
/*
 * A partition's EPT: one block of RAM at guest-physical 0 in 2 MiB pages; the
 * region of the overlay page is split into 4 KiB pages. Builds and edits
 * tables only: who has to execute INVEPT is decided in core/paging/overlay.c.
 */
#ifndef HV_CORE_PAGING_EPT_H
#define HV_CORE_PAGING_EPT_H

#include "base/bits.h"
#include "base/err.h"
#include "core/state/ept.h"

/* Maps [0, len) to [base, base + len), RWX, write-back; 2 MiB multiples. */
enum err ept_build(struct ept *ept, hpa_t base, u64 len) __must_check;

/* Where the tables of software TLBs lie: above what any guest can address */
#define EPT_TABLES_BASE (4 * GIB)
#define EPT_TABLES_SIZE (16 * MIB) /* of each VP */

/*
 * Copies of the PDPTE registers of VPs with a software TLB, 32 bytes for each.
 * A CPU in VMX operation takes PDPTEs from the VMCS, but Bochs 2.7 also reads
 * them from where GUEST_CR3 points at each MOV to CR0, below 4 GiB.
 */
#define EPT_PDPTES_BASE  (4 * GIB - 2 * MIB)
#define EPT_PDPTES_PAGES 2u

/* Maps them, read only, before any ept_map_tables(). */
enum err ept_map_pdptes(struct ept *ept, hpa_t from) __must_check;

/*
 * Maps `count` pages (at most EPT_TABLES_SIZE) from `from` on, read only, as
 * the tables of VP `number`. Called for VP 0, 1, ... while the partition is
 * built.
 */
enum err ept_map_tables(struct ept *ept, u32 number, hpa_t from,
			u32 count) __must_check;

/*
 * The entry that maps `gpa`, which is inside RAM, and its level: 2 for a page
 * of 2 MiB, 1 for one of 4 KiB. For reports: without the EPT lock it is a hint.
 */
u64 ept_entry(struct ept *ept, gpa_t gpa, u32 *level);

/* Bits of an entry */
#define EPT_READ    BIT(0)
#define EPT_WRITE   BIT(1)
#define EPT_EXECUTE BIT(2)
#define EPT_ADDRESS GENMASK(51, 12)

/* Shows `page` at `at`, read and execute only. Pre: at is inside RAM. */
void ept_overlay_on(struct ept *ept, gpa_t at, hpa_t page);

/* RAM shows through again. */
void ept_overlay_off(struct ept *ept);

static inline bool ept_is_split(const struct ept *ept)
{
	return __atomic_load_n(&ept->split_slot, __ATOMIC_RELAXED) != NULL;
}

#endif
