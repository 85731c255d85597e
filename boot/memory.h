/* SPDX-License-Identifier: MIT */
/*
 * Memory for the hypervisor, allocated as EfiLoaderData: the firmware does not
 * touch it when boot services end. Every range is recorded, so that a loader
 * that refuses to start can give all of it back.
 */
#ifndef BOOT_MEMORY_H
#define BOOT_MEMORY_H

#include "handoff.h"

#define MEMORY_BELOW_1M 0x100000ull
#define MEMORY_BELOW_4G 0x100000000ull
#define MEMORY_ANYWHERE (~0ull)

/*
 * Takes `len` bytes, rounded up to pages, below `limit`, aligned to `align` (a
 * power of two of at least a page). out->len is the rounded length. Returns
 * false where there is no such memory; prints nothing.
 */
bool memory_take(u64 len, u64 align, u64 limit,
		 struct handoff_range *out) __must_check;

/*
 * Takes `len` bytes, rounded up to pages, at `base`, as they are. Returns false
 * where the firmware uses that memory.
 */
bool memory_take_at(u64 base, u64 len, struct handoff_range *out) __must_check;

/* The same as memory_take(), filled with zeros. */
bool memory_take_zeroed(u64 len, u64 align, u64 limit,
			struct handoff_range *out) __must_check;

/* One page below 4 GiB from which the firmware lets code run (EfiLoaderCode).
 */
bool memory_take_code(struct handoff_range *out) __must_check;

/* Gives everything back that memory_take() took. */
void memory_release_all(void);

/* The pointer through which the loader reaches physical memory: identity. */
void *memory_pointer(u64 base);

#endif
