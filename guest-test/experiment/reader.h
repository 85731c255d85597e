/* SPDX-License-Identifier: MIT */
/*
 * A VP that reads the same pages over and over without leaving guest mode, so
 * that its TLB keeps its entries. Pages hold epochs, numbers that only grow.
 * A read below the floor, the epoch of the last flush, is stale.
 */
#ifndef GUEST_TEST_EXPERIMENT_READER_H
#define GUEST_TEST_EXPERIMENT_READER_H

#include "base/types.h"

struct reader {
	/* set before it starts */
	u64 base; /* first address, distance and number of addresses */
	u64 step;
	u32 count;

	volatile u64 stop;
	volatile u64 floor; /* every read that begins later must give ≥ floor */

	/* written by the reader */
	volatile u64 cycles;  /* times that all addresses were read */
	volatile u64 highest; /* highest epoch that it has read */
	volatile u64 stale;   /* reads below the floor */
	volatile u64 wild;    /* reads above what has been written at all */
} __aligned(CACHE_LINE);

/* The epoch that is being written; set before memory gets it. */
extern volatile u64 reader_newest;

/* The reader of VP n. */
struct reader *reader_of(u32 n);

/* A job for smp_run(): reads until its `stop` is set. */
void reader_run(void *arg);

/* One pass over the addresses. */
void reader_cycle(struct reader *r);

#endif
