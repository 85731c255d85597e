/* SPDX-License-Identifier: MIT */
/*
 * Bump allocator. Its position becomes read-only at launch, so that a late
 * caller faults instead of racing.
 */
#include "x86/pool.h"

#include "core/port/port.h"
#include "x86/paging.h"
#include "x86/section.h"

static u64 pool_base __ro_after_launch;
static u64 pool_next __ro_after_launch;
static u64 pool_end __ro_after_launch;

void pool_init(const struct handoff_range *pool)
{
	pool_base = pool->base;
	pool_next = pool->base;
	pool_end = pool->base + (pool->len & PAGE_MASK);
}

u64 pool_take(size_t count)
{
	if (count > (pool_end - pool_next) / PAGE_SIZE) {
		return 0;
	}
	u64 taken = pool_next;

	pool_next += count * PAGE_SIZE;
	return taken;
}

void *port_pool_pages(size_t count)
{
	u64 taken = pool_take(count);

	return taken == 0 ? NULL : paging_direct((hpa_t){taken});
}

hpa_t port_hpa(const void *memory)
{
	u64 va = (u64)memory;

	/* the image lies above the direct map and is not meant here */
	HV_ASSERT(va >= DIRECT_MAP_BASE && va < STACK_AREA_BASE);
	return (hpa_t){va - DIRECT_MAP_BASE};
}

void port_pool_usage(u64 *pages, u64 *used)
{
	*pages = (pool_end - pool_base) / PAGE_SIZE;
	*used = (pool_next - pool_base) / PAGE_SIZE;
}
