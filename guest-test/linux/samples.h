/* SPDX-License-Identifier: MIT */
/* How long each operation took, in ticks of the TSC, and what is said of it. */
#ifndef GUEST_TEST_LINUX_SAMPLES_H
#define GUEST_TEST_LINUX_SAMPLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct samples {
	uint64_t *ticks;
	size_t len;
	size_t max;
};

/* What was measured: words of the line that samples_report() prints. */
struct samples_of {
	const char *name;
	unsigned long pages;
	unsigned int threads;
	uint64_t elapsed; /* from the start of the first to the end of the last
			   */
};

/* Room for `max`, whose memory is there: no later call makes a page fault. */
bool samples_make(struct samples *s, size_t max);

/* Adds one; false if there is no room. */
bool samples_add(struct samples *s, uint64_t ticks);

/*
 * Sorts them and prints a line `# bench NAME pages= threads= operations=
 * elapsed= sum= median= p99= max=`. p99 is the least of the samples that at
 * most one in a hundred exceeds. false, and no line, if there are none.
 */
bool samples_report(struct samples *s, const struct samples_of *of);

#endif
