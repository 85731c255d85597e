/* SPDX-License-Identifier: MIT */
/*
 * One buffer for the map: after ExitBootServices() no other can be allocated.
 */
#include "services.h"

#include "firmware.h"
#include "memory.h"

#define MAP_SLACK (16 * 1024ull) /* the map grows by our own allocations */
#define ATTEMPTS  8

static struct handoff_range map;
static UINTN map_len;
static UINTN map_key;
static UINTN entry_len;

bool services_take_map(void)
{
	UINTN len = 0;
	UINTN key;
	UINT32 version;

	/* Fails because of the length 0, and returns the length needed */
	firmware.services->GetMemoryMap(&len, NULL, &key, &entry_len, &version);
	return memory_take(len + MAP_SLACK, PAGE_SIZE, MEMORY_ANYWHERE, &map);
}

EFI_STATUS services_read_map(void)
{
	UINT32 version;

	map_len = map.len;
	return firmware.services->GetMemoryMap(&map_len,
					       memory_pointer(map.base),
					       &map_key, &entry_len, &version);
}

bool services_range(u32 i, EFI_MEMORY_DESCRIPTOR *range)
{
	if ((u64)i * entry_len >= map_len) {
		return false;
	}
	/* UEFI allows entries to be longer than the structure */
	*range = *(EFI_MEMORY_DESCRIPTOR *)memory_pointer(map.base +
							  i * entry_len);
	return true;
}

u64 services_largest(u64 align, u64 limit)
{
	EFI_MEMORY_DESCRIPTOR range;
	u64 largest = 0;

	if (!services_take_map() || EFI_ERROR(services_read_map())) {
		return 0;
	}
	for (u32 i = 0; services_range(i, &range); i++) {
		u64 base = range.PhysicalStart;
		u64 end = base + (range.NumberOfPages << PAGE_SHIFT);
		u64 len;

		if (range.Type != EfiConventionalMemory || base >= limit) {
			continue;
		}
		len = (end < limit ? end : limit) - base;
		/* memory_take() takes more than it needs, to align it */
		if (len < align) {
			continue;
		}
		len = (len + PAGE_SIZE - align) & ~(align - 1);
		largest = len > largest ? len : largest;
	}
	return largest;
}

/*
 * UEFI, "EFI_BOOT_SERVICES.ExitBootServices()": fails with
 * EFI_INVALID_PARAMETER if the map has changed since it was read, which its own
 * notification functions can cause. After such a failure only GetMemoryMap()
 * and ExitBootServices() are allowed.
 */
EFI_STATUS services_end(void)
{
	EFI_STATUS status = EFI_INVALID_PARAMETER;

	for (u32 i = 0; i < ATTEMPTS && status == EFI_INVALID_PARAMETER; i++) {
		status = services_read_map();
		if (EFI_ERROR(status)) {
			break;
		}
		status = firmware.services->ExitBootServices(firmware.image,
							     map_key);
	}
	return status;
}
