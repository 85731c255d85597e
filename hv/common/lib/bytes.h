/* SPDX-License-Identifier: MIT */
/* Numbers in files and firmware tables: little endian, at any alignment. */
#ifndef HV_COMMON_LIB_BYTES_H
#define HV_COMMON_LIB_BYTES_H

#include "base/types.h"

/* The number in the `width` (0 to 8) bytes at `at`. */
static inline u64 bytes_number(const void *at, size_t width)
{
	const u8 *bytes = at;
	u64 number = 0;

	for (size_t i = width; i > 0; i--) {
		number = number << 8 | bytes[i - 1];
	}
	return number;
}

#endif
