/* SPDX-License-Identifier: MIT */
/*
 * What Linux's trace says about who waits for a lock, holds the lock of an
 * address space, flushes, or is not on its CPU. It uses nothing of Linux, so
 * that it runs on the build host too.
 */
#ifndef GUEST_TEST_LINUX_LOCK_EVENTS_H
#define GUEST_TEST_LINUX_LOCK_EVENTS_H

#include <stddef.h>
#include <stdint.h>

enum lock_event_kind {
	LOCK_EVENT_BEGIN, /* of an operation, and its end: not of the trace */
	LOCK_EVENT_END,
	LOCK_EVENT_ASKS, /* the thread begins to take its address space's lock
			  */
	LOCK_EVENT_TAKES,
	LOCK_EVENT_FAILS, /* to take it at once */
	LOCK_EVENT_GIVES,
	LOCK_EVENT_QUEUES, /* for a lock for which one sleeps, after spinning */
	LOCK_EVENT_SPINS,  /* for a lock for which nobody sleeps */
	LOCK_EVENT_HAS,    /* the lock for which it queued or span */
	LOCK_EVENT_FLUSHES,
	LOCK_EVENT_FLUSHED,
	LOCK_EVENT_SPLITS, /* a mapping, of which it unmaps a part */
	LOCK_EVENT_SPLIT,
	LOCK_EVENT_ANSWERS, /* an interrupt by which another CPU calls it */
	LOCK_EVENT_ANSWERED,
	LOCK_EVENT_OUT, /* Linux takes the thread from its CPU */
	LOCK_EVENT_IN,
};

struct lock_event {
	uint64_t ticks;
	uint64_t lock; /* as the trace names it; of QUEUES, SPINS and HAS */
	uint32_t thread;
	uint32_t order; /* of events with the same ticks */
	enum lock_event_kind kind;
};

/* A line of the trace can be about two threads. */
#define LOCK_EVENTS_OF_LINE 2

/* The events of a line of Linux's file `trace`; returns how many. */
size_t lock_events_read(const char *line,
			struct lock_event found[LOCK_EVENTS_OF_LINE]);

#endif
