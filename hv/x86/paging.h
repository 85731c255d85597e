/* SPDX-License-Identifier: MIT */
/*
 * The hypervisor's address space, the same on all CPUs:
 *   DIRECT_MAP_BASE + hpa  pool, partition memory and trampoline page (RW NX),
 *                          guest files and handoff (R NX), registers of the
 *                          I/O APIC (RW NX, uncached); nothing else
 *   STACK_AREA_BASE        stacks with guard pages, stack.h
 *   HANDOFF_IMAGE_BASE     the image, section.h
 * Nothing is writable and executable; nothing is mapped in the lower half.
 */
#ifndef HV_X86_PAGING_H
#define HV_X86_PAGING_H

#include "base/types.h"
#include "handoff.h"

#define DIRECT_MAP_BASE 0xffff800000000000ull
#define STACK_AREA_BASE 0xffffc00000000000ull

static inline void *paging_direct(hpa_t hpa)
{
	return (void *)(hpa.v + DIRECT_MAP_BASE);
}

/*
 * Builds the tables from the pool and switches this CPU to them. Returns where
 * the handoff is from now on. Pre: the loader's tables, pool_init() is done.
 */
const struct handoff *paging_init(const struct handoff *handoff);

/* Switches this CPU to the tables; drops what its TLB holds (no globals). */
void paging_load(void);

/* CR3 of root mode, for the host state of a VMCS. */
u64 paging_root(void);

/*
 * Maps the page of a device's registers RW NX, uncached, in the direct map.
 * Returns where `registers` are. Boot CPU before launch only.
 */
void *paging_map_device(hpa_t registers);

/* Maps one page RW NX. Boot CPU before launch only. */
void paging_map_page(u64 va, hpa_t page);

/*
 * Makes .ro_after_launch read-only for all CPUs. The other CPUs may hold the
 * old right in their TLB until they call paging_load().
 */
void paging_seal(void);

/*
 * Builds tables with a root below 4 GiB, by which an AP enters long mode:
 * `page` (below 1 MiB) at its own address, readable and executable, and all of
 * the hypervisor's upper half. Pre: all mappings are made.
 */
u32 paging_trampoline_root(hpa_t page);

#endif
