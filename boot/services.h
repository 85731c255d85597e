/* SPDX-License-Identifier: MIT */
/* The end of boot services, and the memory map that goes with it. */
#ifndef BOOT_SERVICES_H
#define BOOT_SERVICES_H

#include <efi.h>

#include "base/types.h"

/* Takes a buffer for the map; false where there is no memory. */
bool services_take_map(void) __must_check;

/* Reads the map as it is now. Pre: services_take_map(). */
EFI_STATUS services_read_map(void);

/* Range `i` of the map that was read last; false after the last one. */
bool services_range(u32 i, EFI_MEMORY_DESCRIPTOR *range);

/*
 * For a refusal: the length of the longest piece that memory_take() could have
 * given with that alignment and limit, a multiple of `align`. 0 also if the
 * firmware returns no map.
 */
u64 services_largest(u64 align, u64 limit);

/*
 * Ends boot services; the map is then the final one. After an error nothing
 * may be printed or freed any more. Pre: services_take_map().
 */
EFI_STATUS services_end(void);

#endif
