/* SPDX-License-Identifier: MIT */
/* As many operations as fit into a given time, while other threads of the
 * process never enter the kernel of their own will. */
#include "linux/flusher.h"
#include "linux/crew.h"
#include "linux/samples.h"
#include "linux/tap.h"
#include "linux/unmap.h"
#include "linux/words.h"

#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>
#include <x86intrin.h>

#define PAGE       4096UL
#define PAGES      8UL
#define UNMAPPED   16UL
#define TICKS      400000000UL
#define OPERATIONS 1000000UL
#define ALONE      10 /* the part of the time that the thread alone has */

struct kind {
	const char *name;
	unsigned long pages;
	bool (*round)(struct samples *samples);
};

struct flusher {
	const struct kind *kind;
	unsigned char *pages;
	uint64_t ticks;
	bool is_over; /* atomic */
	struct samples samples;
	struct crew crew;
};

static struct flusher flusher; /* of the process that runs body() */

enum step { TAKE, GIVE, DROP, STEPS };

static bool do_step(enum step step)
{
	void *at = flusher.pages;

	switch (step) {
	case TAKE:
		return mprotect(at, PAGES * PAGE, PROT_READ) == 0;
	case GIVE:
		return mprotect(at, PAGES * PAGE, PROT_READ | PROT_WRITE) == 0;
	case DROP:
		return madvise(at, PAGES * PAGE, MADV_DONTNEED) == 0;
	case STEPS:
		break;
	}
	return false;
}

/* One round. The pages are there at its start: a flush needs a translation. */
static bool protect_round(struct samples *samples)
{
	for (unsigned long i = 0; i < PAGES; i++) {
		*(volatile unsigned char *)&flusher.pages[i * PAGE] = 1;
	}
	for (enum step step = TAKE; step < STEPS; step++) {
		uint64_t before = __rdtsc();

		if (!do_step(step) ||
		    !samples_add(samples, __rdtsc() - before)) {
			return false;
		}
	}
	return true;
}

static bool lone_unmap_round(struct samples *samples)
{
	return unmap_round(UNMAPPED, false, samples);
}

static const struct kind flush = {"flusher", PAGES, protect_round};
static const struct kind unmap = {"unmapper", UNMAPPED, lone_unmap_round};

static void work(struct crew_member *member)
{
	if (member->cpu != 0) {
		while (!__atomic_load_n(&flusher.is_over, __ATOMIC_RELAXED)) {
		}
		return;
	}
	while (!member->failed && __rdtsc() - member->begin < flusher.ticks) {
		member->failed = !flusher.kind->round(&flusher.samples);
	}
	__atomic_store_n(&flusher.is_over, true, __ATOMIC_RELAXED);
}

static bool body(void *unused)
{
	(void)unused;
	flusher.pages = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (flusher.pages == MAP_FAILED ||
	    !samples_make(&flusher.samples, OPERATIONS) ||
	    !crew_run(&flusher.crew, work, NULL)) {
		return false;
	}
	/* the time of the flusher, not until the others have ended */
	return samples_report(
		&flusher.samples,
		&(struct samples_of){.name = flusher.kind->name,
				     .pages = flusher.kind->pages,
				     .threads = flusher.crew.count,
				     .elapsed = flusher.crew.members[0].end -
						flusher.crew.members[0].begin});
}

static void run(const struct kind *kind, unsigned int threads,
		unsigned long ticks)
{
	char name[32];

	flusher.kind = kind;
	flusher.crew.count = threads;
	flusher.ticks = ticks;
	snprintf(name, sizeof(name), "%s/%u threads", kind->name, threads);
	tap_result(crew_apart(body, NULL), name);
}

void flusher_job(void)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	unsigned long ticks;

	if (!words_number("ticks", TICKS, &ticks) || cpus < 1 ||
	    cpus > CREW_MAX) {
		tap_bail("flusher: expected a number test.ticks and 1 to %d "
			 "CPUs, found %s and %ld",
			 CREW_MAX, words_text("ticks", "none"), cpus);
		return;
	}
	run(&flush, 1, ticks / ALONE);
	run(&flush, (unsigned int)cpus, ticks);
	run(&unmap, (unsigned int)cpus, ticks);
}
