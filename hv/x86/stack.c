/* SPDX-License-Identifier: MIT */
/* Where the stacks of each CPU lie inside the stack area, and their sizes. */
#include "x86/stack.h"

#include "core/port/port.h"
#include "core/state/cpu.h"
#include "x86/paging.h"
#include "x86/section.h"

#define SLOT_PAGES 16
#define SLOT_SIZE  (SLOT_PAGES * PAGE_SIZE)

/* start.S */
extern const u8 boot_stack_top[];

/* Pages inside the slot of a CPU; what no row names is a guard */
struct place {
	u32 first;
	u32 count;
};

static const struct place places[STACK_KINDS] = {
	[STACK_ROOT] = {1, 4},
	[STACK_NMI] = {6, 1},
	[STACK_DOUBLE_FAULT] = {8, 2},
	[STACK_MACHINE_CHECK] = {11, 2},
};

static u64 slot_base(u32 number)
{
	return STACK_AREA_BASE + number * SLOT_SIZE;
}

void stack_map(u32 number)
{
	for (u32 kind = 0; kind < STACK_KINDS; kind++) {
		const struct place *p = &places[kind];
		u8 *pages = port_pool_pages(p->count);
		u64 va = slot_base(number) + p->first * PAGE_SIZE;

		if (pages == NULL) {
			port_panic("pool used up by stacks");
		}
		for (u32 i = 0; i < p->count; i++) {
			paging_map_page(va + i * PAGE_SIZE,
					port_hpa(pages + i * PAGE_SIZE));
		}
	}
}

u64 stack_top(u32 number, enum stack_kind kind)
{
	const struct place *p = &places[kind];

	return slot_base(number) + (p->first + p->count) * PAGE_SIZE;
}

/* The stack that start.S gives the boot CPU, and the page below it */
static u64 boot_stack_bounds(u64 va, u64 *first)
{
	*first = (u64)section_boot_guard + PAGE_SIZE;
	return va >= (u64)section_boot_guard && va < (u64)boot_stack_top
		       ? (u64)boot_stack_top
		       : 0;
}

u64 stack_bounds(u64 va, u64 *first)
{
	if (va < STACK_AREA_BASE ||
	    va >= STACK_AREA_BASE + CPUS_MAX * SLOT_SIZE) {
		return boot_stack_bounds(va, first);
	}
	u64 slot = va & ~(SLOT_SIZE - 1);
	u64 page = (va - slot) / PAGE_SIZE;

	for (u32 kind = 0; kind < STACK_KINDS; kind++) {
		const struct place *p = &places[kind];

		if (page + 1 >= p->first && page < p->first + p->count) {
			*first = slot + p->first * PAGE_SIZE;
			return *first + p->count * PAGE_SIZE;
		}
	}
	return 0;
}

bool stack_is_guard(u64 va, u32 *number)
{
	if (va < STACK_AREA_BASE ||
	    va >= STACK_AREA_BASE + CPUS_MAX * SLOT_SIZE) {
		return false;
	}
	u64 page = (va - STACK_AREA_BASE) / PAGE_SIZE;
	u32 in_slot = (u32)(page % SLOT_PAGES);

	*number = (u32)(page / SLOT_PAGES);
	for (u32 kind = 0; kind < STACK_KINDS; kind++) {
		if (in_slot - places[kind].first < places[kind].count) {
			return false;
		}
	}
	return true;
}
