/* SPDX-License-Identifier: MIT */
/* What the other files of a software TLB need to have forgotten. */
#ifndef HV_CORE_PAGING_SHADOW_DROP_H
#define HV_CORE_PAGING_SHADOW_DROP_H

#include "core/state/shadow.h"

/* Are these CR3 of one address space? Bit 12 tells its two halves apart. */
bool shadow_drop_same_space(u64 cr3, u64 space);

/* The global translations of these addresses, with their copies. */
void shadow_drop_globals(struct shadow *s, u64 first, u64 last);

/*
 * What a page fault that the guest sees removes: the translations of the
 * address, global ones too, and the ways to it, in the current context.
 */
void shadow_drop_address(struct shadow *s, u64 gva);

#endif
