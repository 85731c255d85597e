/* SPDX-License-Identifier: MIT */
/* splitmix64: each number takes one addition and three mixing steps. */
#include "kernel/rng.h"

#define RNG_STEP 0x9e3779b97f4a7c15ull

void rng_init(struct rng *rng, u64 seed, u64 stream)
{
	rng->state = seed ^ (stream + 1) * 0xd1342543de82ef95ull;
}

u64 rng_next(struct rng *rng)
{
	rng->state += RNG_STEP;

	u64 z = rng->state;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	return z ^ (z >> 31);
}

u64 rng_below(struct rng *rng, u64 limit)
{
	return limit == 0 ? 0 : rng_next(rng) % limit;
}
