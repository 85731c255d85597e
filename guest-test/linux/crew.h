/* SPDX-License-Identifier: MIT */
/* One thread on each of the first CPUs, in a process of its own. */
#ifndef GUEST_TEST_LINUX_CREW_H
#define GUEST_TEST_LINUX_CREW_H

#include <stdbool.h>
#include <stdint.h>

#define CREW_MAX 16

struct crew_member {
	unsigned int cpu;
	void (*work)(struct crew_member *member);
	void *shared;   /* of all members */
	bool failed;    /* written by `work` */
	uint64_t begin; /* TSC before `work` and after it */
	uint64_t end;
};

struct crew {
	struct crew_member members[CREW_MAX];
	unsigned int count;
};

/*
 * Runs `work` on CPUs 0 to `count` - 1 at the same time. `count`, at most
 * CREW_MAX, is set by the caller. true if all threads ran and none failed.
 */
bool crew_run(struct crew *crew, void (*work)(struct crew_member *),
	      void *shared);

/* Ticks from the begin of the first member to the end of the last. */
uint64_t crew_elapsed(const struct crew *crew);

/*
 * Calls `body` in a new process that stays on CPU 0 except for its crew, so
 * that no other CPU has ever used its address space. true if `body` returned
 * true.
 */
bool crew_apart(bool (*body)(void *), void *argument);

#endif
