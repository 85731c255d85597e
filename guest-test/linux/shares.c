/* SPDX-License-Identifier: MIT */
/*
 * Goes through the events in the order of their ticks. What every thread is
 * doing changes only at an event, so the time between two of them is given out
 * whole.
 */
#include "linux/shares.h"

#include <stdlib.h>
#include <string.h>

/* What a thread is doing; more than one can be so. */
struct thread {
	uint32_t number;
	bool asks; /* for the lock of the address space, and has not got it */
	bool holds;
	bool flushes;
	bool splits;
	bool answers;
	bool is_out;
	bool is_lull;    /* there is no event of it for SHARES_LULL */
	uint64_t queue;  /* the lock for which it queued while it asks; 0 */
	uint64_t queued; /* since when */
	uint64_t other;  /* another lock for which it waits; 0: none */
	uint64_t next;   /* ticks of its next event, while looking backwards */
	struct shares_operation *at; /* the operation that it is in, or NULL */
};

struct sweep {
	struct thread threads[SHARES_THREADS];
	size_t threads_count;
	struct shares_operation *found;
	size_t count;
};

static int compare_events(const void *left, const void *right)
{
	const struct lock_event *a = left;
	const struct lock_event *b = right;

	if (a->ticks != b->ticks) {
		return a->ticks > b->ticks ? 1 : -1;
	}
	return (a->order > b->order) - (a->order < b->order);
}

static struct thread *thread_of(struct sweep *sweep, uint32_t number)
{
	for (size_t i = 0; i < sweep->threads_count; i++) {
		if (sweep->threads[i].number == number) {
			return &sweep->threads[i];
		}
	}
	return NULL;
}

/* Every thread that has an operation. false: there are too many of them. */
static bool find_threads(struct sweep *sweep, const struct lock_event *events,
			 size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (events[i].kind != LOCK_EVENT_BEGIN ||
		    thread_of(sweep, events[i].thread) != NULL) {
			continue;
		}
		if (sweep->threads_count == SHARES_THREADS) {
			return false;
		}
		sweep->threads[sweep->threads_count++].number =
			events[i].thread;
	}
	return true;
}

/* Writes into `order`, which sorting needs no more, whether the thread has no
 * event for SHARES_LULL after this one. */
static void find_lulls(struct sweep *sweep, struct lock_event *events,
		       size_t count)
{
	for (size_t i = count; i-- > 0;) {
		struct thread *thread = thread_of(sweep, events[i].thread);

		if (thread != NULL) {
			events[i].order =
				thread->next != 0 &&
				thread->next - events[i].ticks >= SHARES_LULL;
			thread->next = events[i].ticks;
		}
	}
}

/* What one holder makes a waiter wait for. */
static enum shares_part holder_part(const struct thread *holder)
{
	if (holder->flushes) {
		return SHARES_HOLDER_FLUSHES;
	}
	if (holder->is_out) {
		return SHARES_HOLDER_OUT;
	}
	return holder->is_lull ? SHARES_HOLDER_LULL : SHARES_HOLDER_RUNS;
}

/* Who waits holds nothing. */
static enum shares_part wait_part(const struct sweep *sweep)
{
	enum shares_part part = SHARES_LOCK_FREE;

	for (size_t i = 0; i < sweep->threads_count; i++) {
		const struct thread *holder = &sweep->threads[i];

		if (holder->holds && holder_part(holder) < part) {
			part = holder_part(holder);
		}
	}
	return part;
}

static enum shares_part part_of(const struct sweep *sweep,
				const struct thread *thread)
{
	if (thread->asks) {
		return wait_part(sweep);
	}
	if (thread->flushes) {
		return SHARES_FLUSH;
	}
	if (thread->is_out) {
		return SHARES_OUT;
	}
	if (thread->other != 0) {
		return SHARES_OTHER;
	}
	if (thread->is_lull) {
		return SHARES_LULL_OWN;
	}
	if (thread->answers) {
		return SHARES_ANSWER;
	}
	return thread->splits ? SHARES_SPLIT : SHARES_REST;
}

static void give_out(struct sweep *sweep, uint64_t ticks)
{
	for (size_t i = 0; i < sweep->threads_count; i++) {
		struct thread *thread = &sweep->threads[i];

		if (thread->at != NULL) {
			thread->at->parts[part_of(sweep, thread)] += ticks;
			thread->at->ticks += ticks;
		}
	}
}

static void begin(struct sweep *sweep, struct thread *thread,
		  const struct lock_event *event)
{
	thread->at = &sweep->found[sweep->count++];
	*thread->at = (struct shares_operation){.thread = thread->number,
						.begin = event->ticks};
}

static void end(struct thread *thread)
{
	if (thread->at != NULL) {
		thread->at->is_over = true;
		thread->at = NULL;
	}
}

static void take(struct sweep *sweep, struct thread *taker)
{
	/* who holds it takes it again when it goes on as one of many */
	for (size_t i = 0; i < sweep->threads_count && !taker->holds; i++) {
		struct thread *thread = &sweep->threads[i];

		if (thread != taker && thread->asks && thread->at != NULL) {
			thread->at->passed++;
		}
	}
	taker->asks = false;
	taker->holds = true;
}

static void queue(struct thread *thread, const struct lock_event *event)
{
	if (thread->asks && event->kind == LOCK_EVENT_QUEUES) {
		thread->queue = event->lock;
		thread->queued = event->ticks;
	} else if (!thread->asks && thread->other == 0) {
		thread->other = event->lock;
	}
}

static void end_wait(struct thread *thread, const struct lock_event *event)
{
	if (thread->queue == event->lock && thread->queue != 0) {
		thread->queue = 0;
		if (thread->at != NULL) {
			thread->at->queued++;
			thread->at->timeouts +=
				event->ticks - thread->queued > SHARES_TIMEOUT;
		}
	} else if (thread->other == event->lock) {
		thread->other = 0;
	}
}

static void go_on(struct thread *thread)
{
	thread->is_out = false;
	if (thread->queue != 0 && thread->at != NULL) {
		thread->at->wakes++;
	}
}

static void change(struct sweep *sweep, struct thread *thread,
		   const struct lock_event *event)
{
	switch (event->kind) {
	case LOCK_EVENT_BEGIN:
		begin(sweep, thread, event);
		break;
	case LOCK_EVENT_END:
		end(thread);
		break;
	case LOCK_EVENT_ASKS:
		thread->asks = true;
		break;
	case LOCK_EVENT_TAKES:
		take(sweep, thread);
		break;
	case LOCK_EVENT_FAILS:
		thread->asks = false;
		break;
	case LOCK_EVENT_GIVES:
		thread->holds = false;
		break;
	case LOCK_EVENT_QUEUES:
	case LOCK_EVENT_SPINS:
		queue(thread, event);
		break;
	case LOCK_EVENT_HAS:
		end_wait(thread, event);
		break;
	case LOCK_EVENT_FLUSHES:
	case LOCK_EVENT_FLUSHED:
		thread->flushes = event->kind == LOCK_EVENT_FLUSHES;
		break;
	case LOCK_EVENT_SPLITS:
	case LOCK_EVENT_SPLIT:
		thread->splits = event->kind == LOCK_EVENT_SPLITS;
		break;
	case LOCK_EVENT_ANSWERS:
	case LOCK_EVENT_ANSWERED:
		thread->answers = event->kind == LOCK_EVENT_ANSWERS;
		break;
	case LOCK_EVENT_OUT:
		thread->is_out = true;
		break;
	case LOCK_EVENT_IN:
		go_on(thread);
		break;
	}
	thread->is_lull = event->order != 0;
}

/* Leaves out the operations without an end. */
static size_t keep_complete(struct shares_operation *found, size_t count)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++) {
		if (found[i].is_over) {
			found[kept++] = found[i];
		}
	}
	return kept;
}

size_t shares_find(struct lock_event *events, size_t count,
		   struct shares_operation *found, size_t max)
{
	struct sweep sweep = {.found = found};
	size_t begun = 0;

	for (size_t i = 0; i < count; i++) {
		events[i].order = (uint32_t)i;
		begun += events[i].kind == LOCK_EVENT_BEGIN;
	}
	qsort(events, count, sizeof(*events), compare_events);
	if (begun > max || !find_threads(&sweep, events, count)) {
		return 0;
	}
	find_lulls(&sweep, events, count);
	for (size_t i = 0; i < count; i++) {
		struct thread *thread = thread_of(&sweep, events[i].thread);

		if (i > 0) {
			give_out(&sweep, events[i].ticks - events[i - 1].ticks);
		}
		if (thread != NULL) {
			change(&sweep, thread, &events[i]);
		}
	}
	return keep_complete(found, sweep.count);
}
