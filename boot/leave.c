/* SPDX-License-Identifier: MIT */
/*
 * Ends boot services and enters the hypervisor. What the jump touches (code,
 * stack, page tables) lies below 4 GiB, for the entry tables map no more; the
 * application itself may lie anywhere.
 */
#include "leave.h"

#include "core/mem.h"
#include "x86/cr.h"

#include "console.h"
#include "entry_tables.h"
#include "firmware.h"
#include "memory.h"

#define STACK_LEN (8 * 1024ull)
#define MAP_SLACK (16 * 1024ull) /* the map grows by our own allocations */
#define ATTEMPTS  8

typedef void enter_fn(const struct handoff *handoff, u64 cr3, u64 stack_top,
		      u64 entry);

/* enter.S: position independent, copied to a page below 4 GiB */
extern const u8 enter_begin[];
extern const u8 enter_end[];

static struct handoff_range tables;
static struct handoff_range stack;
static struct handoff_range code;
static struct handoff_range map;

static u64 read_cr4(void)
{
	u64 cr4;

	__asm__ volatile("mov %%cr4, %0" : "=r"(cr4));
	return cr4;
}

static bool take_map_buffer(void)
{
	UINTN len = 0;
	UINTN key;
	UINTN entry_len;
	UINT32 version;

	/* Fails as it must, and tells the length */
	firmware.services->GetMemoryMap(&len, NULL, &key, &entry_len, &version);
	return memory_take(len + MAP_SLACK, PAGE_SIZE, MEMORY_ANYWHERE, &map);
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
	    !memory_take_code(&code) || !take_map_buffer()) {
		console_line("memory: expected 64 KiB below 4 GiB for the way "
			     "out, found less");
		return EFI_OUT_OF_RESOURCES;
	}
	memcpy(memory_pointer(code.base), enter_begin,
	       (size_t)(enter_end - enter_begin));
	return EFI_SUCCESS;
}

/*
 * UEFI, "EFI_BOOT_SERVICES.ExitBootServices()": fails with
 * EFI_INVALID_PARAMETER where the map changed since it was read, for its own
 * notifications may allocate; after that only these two calls are allowed.
 */
static EFI_STATUS end_boot_services(void)
{
	EFI_STATUS status = EFI_INVALID_PARAMETER;

	for (u32 i = 0; i < ATTEMPTS && status == EFI_INVALID_PARAMETER; i++) {
		UINTN len = map.len;
		UINTN key;
		UINTN entry_len;
		UINT32 version;

		status = firmware.services->GetMemoryMap(
			&len, memory_pointer(map.base), &key, &entry_len,
			&version);
		if (EFI_ERROR(status)) {
			break;
		}
		status = firmware.services->ExitBootServices(firmware.image,
							     key);
	}
	return status;
}

EFI_STATUS leave(const struct handoff *handoff, u64 entry)
{
	enter_fn *enter = (enter_fn *)(uintptr_t)code.base;
	u64 cr3 =
		entry_tables_build(memory_pointer(tables.base), handoff->image);
	EFI_STATUS status;

	console_line("leaving boot services");
	status = end_boot_services();
	if (!EFI_ERROR(status)) {
		enter(handoff, cr3, stack.base + stack.len, entry);
	}
	return status;
}
