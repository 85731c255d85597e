/* SPDX-License-Identifier: MIT */
/* Goes through the leaves of a software TLB in the order of their addresses. */
#ifndef HV_CORE_PAGING_SHADOW_LIST_H
#define HV_CORE_PAGING_SHADOW_LIST_H

#include "core/paging/shadow_table.h"

/*
 * One step from linear address *at on. False: there is no leaf at or after it.
 * Otherwise *leaf is the leaf that translates *at, or 0 if there is none, and
 * *next is where the next step begins. Each step takes a few dozen
 * instructions. Changes nothing. On the VP's own CPU.
 */
bool shadow_list_step(const struct shadow *s, const struct shadow_tree *tree,
		      u64 at, u64 *leaf, u32 *level, u64 *next) __must_check;

#endif
