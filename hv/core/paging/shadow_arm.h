/* SPDX-License-Identifier: MIT */
/*
 * A leaf that is armed traps: the access that it would let through is a page
 * fault, for which shadow_fault() returns SHADOW_TRAPPED. Everything that
 * removes leaves removes armed ones too.
 */
#ifndef HV_CORE_PAGING_SHADOW_ARM_H
#define HV_CORE_PAGING_SHADOW_ARM_H

#include "core/paging/shadow_table.h"

/*
 * All other leaves are present, and D is W in them (shadow_page.c). One that
 * traps each access is not present; one that traps writes has D alone.
 */
static inline bool shadow_arm_is_armed(u64 leaf)
{
	return (leaf & SHADOW_LEAF) &&
	       (!(leaf & PTE_PRESENT) ||
		(leaf & (PTE_WRITE | PTE_DIRTY)) == PTE_DIRTY);
}

/* Does the leaf trap this access? */
static inline bool shadow_arm_traps(u64 leaf, bool is_write)
{
	return shadow_arm_is_armed(leaf) && (!(leaf & PTE_PRESENT) || is_write);
}

/*
 * The leaf as it was before it was armed; if it is not, the leaf itself. It is
 * without SHADOW_USED.
 */
static inline u64 shadow_arm_original(u64 leaf)
{
	return (leaf & ~SHADOW_USED) | PTE_PRESENT |
	       (leaf & PTE_DIRTY ? PTE_WRITE : 0);
}

/* `leaf`, armed: for writes alone, or for each access. */
static inline u64 shadow_arm_make(u64 leaf, bool writes_only)
{
	return leaf & ~(writes_only ? PTE_WRITE : PTE_PRESENT);
}

#endif
