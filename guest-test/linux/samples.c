/* SPDX-License-Identifier: MIT */
/* Keeps every sample, so that no percentile is an estimate. */
#include "linux/samples.h"
#include "linux/tap.h"

#include <stdlib.h>
#include <sys/mman.h>

bool samples_make(struct samples *s, size_t max)
{
	s->len = 0;
	s->max = max;
	s->ticks = mmap(NULL, max * sizeof(*s->ticks), PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	return s->ticks != MAP_FAILED;
}

bool samples_add(struct samples *s, uint64_t ticks)
{
	if (s->len == s->max) {
		return false;
	}
	s->ticks[s->len++] = ticks;
	return true;
}

static int compare(const void *left, const void *right)
{
	uint64_t a = *(const uint64_t *)left;
	uint64_t b = *(const uint64_t *)right;

	return (a > b) - (a < b);
}

bool samples_report(struct samples *s, const struct samples_of *of)
{
	uint64_t sum = 0;

	if (s->len == 0) {
		return false;
	}
	qsort(s->ticks, s->len, sizeof(*s->ticks), compare);
	for (size_t i = 0; i < s->len; i++) {
		sum += s->ticks[i];
	}
	tap_note("bench %s pages=%lu threads=%u operations=%zu elapsed=%lu "
		 "sum=%lu median=%lu p99=%lu max=%lu",
		 of->name, of->pages, of->threads, s->len, of->elapsed, sum,
		 s->ticks[s->len / 2], s->ticks[s->len - 1 - s->len / 100],
		 s->ticks[s->len - 1]);
	return true;
}
