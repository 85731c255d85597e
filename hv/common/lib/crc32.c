/* SPDX-License-Identifier: MIT */
/* Four bits at a time, by a table of 16 words. */
#include "common/lib/crc32.h"

/* Row n: n divided by the polynomial 0xedb88320, bits reversed */
static const u32 row[16] = {
	0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4,
	0x4db26158, 0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
	0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
};

u32 crc32_add(u32 crc, const void *data, size_t len)
{
	const u8 *bytes = data;

	crc = ~crc;
	for (size_t i = 0; i < len; i++) {
		crc ^= bytes[i];
		crc = crc >> 4 ^ row[crc & 15];
		crc = crc >> 4 ^ row[crc & 15];
	}
	return ~crc;
}
