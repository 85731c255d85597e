/* SPDX-License-Identifier: MIT */
/* The four functions that compiled code may call without our asking. */
#include "kernel/mem.h"

void *memcpy(void *to, const void *from, size_t len)
{
	u8 *d = to;
	const u8 *s = from;

	for (size_t i = 0; i < len; i++) {
		d[i] = s[i];
	}
	return to;
}

void *memmove(void *to, const void *from, size_t len)
{
	u8 *d = to;
	const u8 *s = from;

	if (d <= s) {
		return memcpy(to, from, len);
	}
	while (len > 0) {
		len--;
		d[len] = s[len];
	}
	return to;
}

void *memset(void *to, int value, size_t len)
{
	u8 *d = to;

	for (size_t i = 0; i < len; i++) {
		d[i] = (u8)value;
	}
	return to;
}

int memcmp(const void *a, const void *b, size_t len)
{
	const u8 *x = a;
	const u8 *y = b;

	for (size_t i = 0; i < len; i++) {
		if (x[i] != y[i]) {
			return x[i] < y[i] ? -1 : 1;
		}
	}
	return 0;
}
