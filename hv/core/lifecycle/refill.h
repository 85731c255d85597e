/* SPDX-License-Identifier: MIT */
/*
 * The RAM of a partition between two lives, in pieces of at most REFILL_PIECE
 * bytes. Each function does one piece, goes on where the one before it stopped
 * (p->refill, which is all 0 before the first piece), and returns true when it
 * has done the last one. Called while no VP of the partition runs, by one CPU.
 */
#ifndef HV_CORE_LIFECYCLE_REFILL_H
#define HV_CORE_LIFECYCLE_REFILL_H

#include "base/types.h"

struct partition;

/* 16,384 iterations of REP STOSQ or MOVSQ */
#define REFILL_PIECE (128u << 10)

/* Every word of RAM of a partition that has ended. */
#define REFILL_POISON 0xdeadfeeddeadfeedull

/* Overwrites RAM with REFILL_POISON. */
bool refill_poison(struct partition *p);

/*
 * Zeroes RAM, then writes what image_write() writes before the first launch.
 * Panics if that does not fit, because it did then.
 */
bool refill_load(struct partition *p);

#endif
