/* SPDX-License-Identifier: MIT */
/*
 * Aligned allocation. AllocatePages() aligns to pages only, so this allocates
 * more than is needed and gives both ends back.
 */
#include "memory.h"

#include "firmware.h"

#include "common/lib/mem.h"

/* Ranges of main.c and leave.c; memory and up to three files of a partition */
#define RANGES_MAX (11 + 4 * CONFIG_PARTITIONS_MAX)

static struct handoff_range taken[RANGES_MAX];
static u32 taken_count;

static u64 round_up(u64 value, u64 align)
{
	return (value + align - 1) & ~(align - 1);
}

static void give_back(u64 base, u64 len)
{
	if (len) {
		firmware.services->FreePages(base, len >> PAGE_SHIFT);
	}
}

static bool take(EFI_MEMORY_TYPE type, u64 len, u64 align, u64 limit,
		 struct handoff_range *out)
{
	u64 wanted = round_up(len, PAGE_SIZE);
	u64 padded = wanted + align - PAGE_SIZE;
	EFI_PHYSICAL_ADDRESS base = limit - 1;
	u64 start;

	if (taken_count == RANGES_MAX ||
	    EFI_ERROR(firmware.services->AllocatePages(
		    AllocateMaxAddress, type, padded >> PAGE_SHIFT, &base))) {
		return false;
	}
	start = round_up(base, align);
	give_back(base, start - base);
	give_back(start + wanted, base + padded - (start + wanted));
	*out = (struct handoff_range){.base = start, .len = wanted};
	taken[taken_count++] = *out;
	return true;
}

bool memory_take(u64 len, u64 align, u64 limit, struct handoff_range *out)
{
	return take(EfiLoaderData, len, align, limit, out);
}

bool memory_take_at(u64 base, u64 len, struct handoff_range *out)
{
	u64 wanted = round_up(len, PAGE_SIZE);
	EFI_PHYSICAL_ADDRESS at = base;

	if (taken_count == RANGES_MAX ||
	    EFI_ERROR(firmware.services->AllocatePages(
		    AllocateAddress, EfiLoaderData, wanted >> PAGE_SHIFT,
		    &at))) {
		return false;
	}
	*out = (struct handoff_range){.base = base, .len = wanted};
	taken[taken_count++] = *out;
	return true;
}

bool memory_take_code(struct handoff_range *out)
{
	return take(EfiLoaderCode, PAGE_SIZE, PAGE_SIZE, MEMORY_BELOW_4G, out);
}

bool memory_take_zeroed(u64 len, u64 align, u64 limit,
			struct handoff_range *out)
{
	if (!memory_take(len, align, limit, out)) {
		return false;
	}
	memset(memory_pointer(out->base), 0, out->len);
	return true;
}

void memory_release_all(void)
{
	while (taken_count) {
		taken_count--;
		give_back(taken[taken_count].base, taken[taken_count].len);
	}
}

void *memory_pointer(u64 base)
{
	return (void *)(uintptr_t)base;
}
