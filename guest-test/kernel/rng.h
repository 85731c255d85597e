/* SPDX-License-Identifier: MIT */
/* Random numbers; the same seed= gives the same numbers. */
#ifndef GUEST_TEST_KERNEL_RNG_H
#define GUEST_TEST_KERNEL_RNG_H

#include "base/types.h"

struct rng {
	u64 state;
};

/* Each `stream` of a seed (a VP, a check) has its own numbers. */
void rng_init(struct rng *rng, u64 seed, u64 stream);
u64 rng_next(struct rng *rng);
/* 0 … limit - 1; 0 if `limit` is 0 */
u64 rng_below(struct rng *rng, u64 limit);

#endif
