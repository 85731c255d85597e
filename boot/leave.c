/* SPDX-License-Identifier: MIT */
/*
 * Ends boot services and enters the hypervisor. What the jump touches (code,
 * stack, page tables) lies below 4 GiB, because the entry tables map no more;
 * the application itself may lie anywhere.
 */
#include "leave.h"

#include "common/lib/mem.h"
#include "x86/cr.h"

#include "console.h"
#include "entry_tables.h"
#include "firmware.h"
#include "memory.h"
#include "services.h"

#define STACK_LEN (8 * 1024ull)

typedef void enter_fn(const struct handoff *handoff, u64 cr3, u64 stack_top,
		      u64 entry);

/* enter.S: position independent, copied to a page below 4 GiB */
extern const u8 enter_begin[];
extern const u8 enter_end[];

static struct handoff_range tables;
static struct handoff_range stack;
static struct handoff_range code;

static u64 read_cr4(void)
{
	u64 cr4;

	__asm__ volatile("mov %%cr4, %0" : "=r"(cr4));
	return cr4;
}

EFI_STATUS leave_prepare(void)
{
	if (read_cr4() & CR4_LA57) {
		console_line("paging: expected 4 levels, found 5; switch "
			     "5-level paging off in the firmware's set-up");
		return EFI_UNSUPPORTED;
	}
	if (!memory_take(ENTRY_TABLES_PAGES * PAGE_SIZE, PAGE_SIZE,
			 MEMORY_BELOW_4G, &tables) ||
	    !memory_take(STACK_LEN, PAGE_SIZE, MEMORY_BELOW_4G, &stack) ||
	    !memory_take_code(&code) || !services_take_map()) {
		console_line("memory: expected 64 KiB below 4 GiB for the way "
			     "out, found %lu KiB in one piece",
			     services_largest(PAGE_SIZE, MEMORY_BELOW_4G) >>
				     10);
		return EFI_OUT_OF_RESOURCES;
	}
	memcpy(memory_pointer(code.base), enter_begin,
	       (size_t)(enter_end - enter_begin));
	return EFI_SUCCESS;
}

EFI_STATUS leave(const struct handoff *handoff, u64 entry)
{
	enter_fn *enter = (enter_fn *)(uintptr_t)code.base;
	u64 cr3 =
		entry_tables_build(memory_pointer(tables.base), handoff->image);
	EFI_STATUS status;

	console_line("leaving boot services");
	status = services_end();
	if (!EFI_ERROR(status)) {
		enter(handoff, cr3, stack.base + stack.len, entry);
	}
	return status;
}
