/* SPDX-License-Identifier: MIT */
/*
 * Shares out the ticks of each operation to what it did or waited for. It uses
 * nothing of Linux, so that it runs on the build host too.
 */
#ifndef GUEST_TEST_LINUX_SHARES_H
#define GUEST_TEST_LINUX_SHARES_H

#include "linux/lock_events.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SHARES_THREADS 16

/*
 * A thread that Linux has on a CPU, in an operation and not in a wait, has an
 * event at least so often; longer without one, its VP has had no turn. Ticks.
 */
#define SHARES_LULL 500000UL

/* A waiter asks for a hand-over of the lock after a tick of 250 Hz, with
 * 1,000 million ticks of the TSC a second. */
#define SHARES_TIMEOUT 4000000UL

/* Each tick of an operation belongs to the first of these that applies. */
enum shares_part {
	/* it waits for the lock of the address space, of which a holder */
	SHARES_HOLDER_FLUSHES, /* flushes */
	SHARES_HOLDER_OUT,     /* is not on a CPU, by Linux's choice */
	SHARES_HOLDER_LULL,    /* is on a VP without a turn */
	SHARES_HOLDER_RUNS,
	SHARES_LOCK_FREE, /* it waits for the lock, which nobody holds */
	SHARES_FLUSH,     /* it flushes, and waits for others that have to */
	SHARES_OUT,       /* it is not on a CPU, by Linux's choice */
	SHARES_OTHER,     /* it waits for another lock */
	SHARES_LULL_OWN,  /* its VP has no turn */
	SHARES_ANSWER,    /* it flushes because an interrupt of another asks */
	SHARES_SPLIT,     /* it splits a mapping, of which it unmaps a part */
	SHARES_REST,
	SHARES_PARTS,
};

struct shares_operation {
	uint32_t thread;
	bool is_over;
	uint64_t begin;
	uint64_t ticks;
	uint64_t parts[SHARES_PARTS]; /* their sum is `ticks` */
	uint32_t queued;   /* waits for the lock in which it could sleep */
	uint32_t timeouts; /* such waits longer than SHARES_TIMEOUT */
	uint32_t wakes;    /* how often Linux let it run in such a wait */
	uint32_t passed;   /* others that took the lock while it waited */
};

/*
 * Sorts the events and finds the operations, which are between LOCK_EVENT_BEGIN
 * and LOCK_EVENT_END of a thread. Returns how many there are that have an end;
 * 0 if there are more than `max`, or more than SHARES_THREADS threads with one.
 */
size_t shares_find(struct lock_event *events, size_t count,
		   struct shares_operation *found, size_t max);

#endif
