/* SPDX-License-Identifier: MIT */
/*
 * What the fuzz targets share: expectations, and numbers from the input's
 * bytes.
 */
#ifndef HV_TEST_FUZZ_FUZZ_H
#define HV_TEST_FUZZ_FUZZ_H

#include <stdio.h>
#include <stdlib.h>

#include "base/types.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#define FUZZ_EXPECT(cond)                                                      \
	((cond) ? (void)0 : fuzz_broken(#cond, __FILE__, __LINE__))

static inline void fuzz_broken(const char *promise, const char *file, int line)
{
	fprintf(stderr, "%s:%d: broken promise: %s\n", file, line, promise);
	abort();
}

#define FUZZ_EXPECT_EQ(got, want)                                              \
	fuzz_equal((u64)(got), (u64)(want), #got, __FILE__, __LINE__)

static inline void fuzz_equal(u64 got, u64 want, const char *what,
			      const char *file, int line)
{
	if (got != want) {
		fprintf(stderr, "%s:%d: %s is %#llx, not %#llx\n", file, line,
			what, (unsigned long long)got,
			(unsigned long long)want);
		abort();
	}
}

/*
 * The input of a target. fuzz_take() takes bytes from its front; after its end
 * come zeros.
 */
struct fuzz_bytes {
	const u8 *at;
	size_t len;
};

static inline u64 fuzz_take(struct fuzz_bytes *b, u32 count)
{
	u64 value = 0;

	for (u32 i = 0; i < count && b->len > 0; i++) {
		value |= (u64)*b->at++ << 8 * i;
		b->len--;
	}
	return value;
}

/* For struct draw: a number from as few bytes as the limit needs. */
static inline u64 fuzz_below(void *bytes, u64 limit)
{
	u32 count = 1;

	if (limit == 0) {
		return fuzz_take(bytes, 8);
	}
	while (count < 8 && (limit - 1) >> 8 * count != 0) {
		count++;
	}
	return fuzz_take(bytes, count) % limit;
}

#endif
