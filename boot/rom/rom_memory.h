/* SPDX-License-Identifier: MIT */
/*
 * RAM for the hypervisor and its partitions: taken upwards from 16 MiB, never
 * given back. The CMOS says how much RAM there is, as it does for a BIOS.
 */
#ifndef BOOT_ROM_ROM_MEMORY_H
#define BOOT_ROM_ROM_MEMORY_H

#include "handoff.h"

void rom_memory_start(void);

/*
 * Where struct crash_log is at every boot: below what rom_memory_take() gives,
 * above the ROM's copy. Its content is left alone.
 */
#define ROM_MEMORY_CRASH_LOG (12 * MIB)

/*
 * `len` bytes rounded up to pages, zeroed, aligned to `align` (a
 * power of two of at least a page), below 4 GiB. If there is no room, the
 * loader refuses to start with a sentence that begins with `what`, the purpose.
 */
struct handoff_range rom_memory_take(u64 len, u64 align, const char *what);

/* Physical memory is mapped to itself. */
void *rom_memory_pointer(u64 base);

#endif
