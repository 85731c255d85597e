/* SPDX-License-Identifier: MIT */
/* The CRC-32 of Ethernet (IEEE 802.3), zip and zlib. */
#ifndef HV_COMMON_LIB_CRC32_H
#define HV_COMMON_LIB_CRC32_H

#include "base/types.h"

/*
 * The checksum of what has the checksum `crc` (0: nothing), followed by `len`
 * bytes at `data`.
 */
u32 crc32_add(u32 crc, const void *data, size_t len);

#endif
