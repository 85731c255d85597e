/* SPDX-License-Identifier: MIT */
/*
 * A thread that spins on the pages of a window, on a CPU of its own, and never
 * enters the kernel of its own will: it keeps its translations until somebody
 * takes them away.
 */
#ifndef GUEST_TEST_LINUX_READER_H
#define GUEST_TEST_LINUX_READER_H

#include "linux/window.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#define READER_END (~0ULL)

struct reader {
	/* written before the start, then constant */
	const struct window *window;
	const uint64_t *epoch;
	unsigned int cpu;
	pthread_t thread;

	/* of the reader; `seen` says that the others are valid */
	uint64_t checks; /* pages read first after the epoch moved */
	uint64_t stale;  /* of these, with the value of an earlier epoch */
	uint64_t strays; /* wrong values in the other readings */
	uint64_t seen;   /* the last epoch that was checked; release */
};

/* Starts the thread, which ends when the epoch is READER_END. */
bool reader_start(struct reader *r);

#endif
