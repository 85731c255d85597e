/* SPDX-License-Identifier: MIT */
/* A set of VPs by number n (not by VP index). */
#ifndef GUEST_TEST_CALL_VPSET_H
#define GUEST_TEST_CALL_VPSET_H

#include "base/bits.h"
#include "base/types.h"

#define VPSET_MAX 256

struct vpset {
	u64 bits[VPSET_MAX / 64];
};

static inline void vpset_add(struct vpset *s, u32 n)
{
	s->bits[n / 64] |= BIT(n % 64);
}

static inline bool vpset_has(const struct vpset *s, u32 n)
{
	return (s->bits[n / 64] & BIT(n % 64)) != 0;
}

static inline struct vpset vpset_range(u32 first, u32 last)
{
	struct vpset s = {{0}};

	for (u32 n = first; n <= last; n++) {
		vpset_add(&s, n);
	}
	return s;
}

static inline struct vpset vpset_one(u32 n)
{
	return vpset_range(n, n);
}

#endif
