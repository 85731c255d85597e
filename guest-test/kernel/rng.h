/* SPDX-License-Identifier: MIT */
/* Random numbers that the seed= of the command line repeats. */
#ifndef GUEST_TEST_KERNEL_RNG_H
#define GUEST_TEST_KERNEL_RNG_H

#include "base/types.h"

struct rng {
	u64 state;
};

/* `stream` keeps apart what VPs and checks draw from one seed. */
void rng_init(struct rng *rng, u64 seed, u64 stream);
u64 rng_next(struct rng *rng);
/* 0 … limit-1; 0 for limit 0 */
u64 rng_below(struct rng *rng, u64 limit);

#endif
