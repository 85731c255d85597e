/* SPDX-License-Identifier: MIT */
/* Reads the window until the epoch is READER_END. */
#include "linux/reader.h"

#include <sched.h>

/*
 * The writer shows a part, then publishes its epoch, and goes on once each
 * reader has seen it. So who loads `epoch`, then reads a page, may find its
 * part or the next one; the one before it comes from a stale translation.
 */
static bool is_current(uint64_t value, uint64_t epoch, unsigned int page)
{
	return value == window_value(epoch, page) ||
	       value == window_value(epoch + 1, page);
}

static uint64_t wrong_pages(const struct window *w, uint64_t epoch)
{
	uint64_t wrong = 0;

	for (unsigned int page = 0; page < WINDOW_PAGES; page++) {
		wrong += !is_current(window_read(w, page), epoch, page);
	}
	return wrong;
}

static void *run(void *arg)
{
	struct reader *r = arg;
	uint64_t epoch;

	/* pairs with the release of the writer */
	while ((epoch = __atomic_load_n(r->epoch, __ATOMIC_ACQUIRE)) !=
	       READER_END) {
		uint64_t wrong = wrong_pages(r->window, epoch);

		if (epoch == r->seen) {
			r->strays += wrong;
			continue;
		}
		r->checks += WINDOW_PAGES;
		r->stale += wrong;
		/* pairs with the writer's wait */
		__atomic_store_n(&r->seen, epoch, __ATOMIC_RELEASE);
	}
	return NULL;
}

bool reader_start(struct reader *r)
{
	pthread_attr_t attr;
	cpu_set_t set;
	bool ok;

	CPU_ZERO(&set);
	CPU_SET(r->cpu, &set);
	pthread_attr_init(&attr);
	pthread_attr_setaffinity_np(&attr, sizeof(set), &set);
	ok = pthread_create(&r->thread, &attr, run, r) == 0;
	pthread_attr_destroy(&attr);
	return ok;
}
