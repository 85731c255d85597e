/* SPDX-License-Identifier: MIT */
/*
 * The hypervisor's own memory: a block from the loader, given out page by page
 * and never taken back. port_pool_pages() is the same in linear addresses.
 */
#ifndef HV_X86_POOL_H
#define HV_X86_POOL_H

#include "base/types.h"
#include "handoff.h"

/* `pool` is zeroed, page aligned, and becomes part of the direct map. */
void pool_init(const struct handoff_range *pool);

/* Host-physical address of `count` zeroed pages; 0 when the pool is used up. */
u64 pool_take(size_t count) __must_check;

#endif
