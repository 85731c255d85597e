/* SPDX-License-Identifier: MIT */
/*
 * Paging-structure entries of 4-level paging, SDM 3A, "4-Level Paging and
 * 5-Level Paging". Levels are counted from the leaf: 1 = page table, 4 = PML4.
 */
#ifndef X86_PTE_H
#define X86_PTE_H

#include "base/bits.h"

#define PTE_PRESENT  BIT(0)
#define PTE_WRITE    BIT(1)
#define PTE_USER     BIT(2)
#define PTE_PWT      BIT(3)
#define PTE_PCD      BIT(4)
#define PTE_ACCESSED BIT(5)
#define PTE_DIRTY    BIT(6)
#define PTE_LARGE    BIT(7) /* levels 2 and 3: a leaf */
#define PTE_PAT      BIT(7) /* level 1 */
#define PTE_GLOBAL   BIT(8)
#define PTE_ADDR     GENMASK(51, 12)
#define PTE_NX       BIT(63)

#define PTE_PAT_LARGE BIT(12) /* of a leaf at levels 2 and 3 */

#define PTE_LEVELS          4
#define PTE_SHIFT(level)    (12 + 9 * ((level)-1))
#define PTE_SIZE(level)     (U(1) << PTE_SHIFT(level))
#define PTE_INDEX(v, level) (((v) >> PTE_SHIFT(level)) & 511)

#endif
