/* SPDX-License-Identifier: MIT */
/*
 * One CPU replaces the pages of a window, again and again; readers on other
 * CPUs look whether they still see the old ones. Each set of readers is a
 * process of its own, so that each address space is used by other CPUs, and
 * each flush has other targets.
 */
#include "linux/coherence.h"
#include "linux/observe.h"
#include "linux/reader.h"
#include "linux/tap.h"
#include "linux/window.h"
#include "linux/words.h"

#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CPUS_MAX      16
#define CHECKS        2000
#define WAIT_SECONDS  20
#define CEILING       33 /* Linux, tlb_single_page_flush_ceiling */
#define CEILING_LARGE 1000000

/*
 * Linux flushes an address space if a range has more pages than the ceiling. A
 * list entry has at most 4096 pages, so with a large ceiling a range of more
 * than 16 MiB takes two entries, one of more than 48 MiB four. No step is a
 * multiple of 4 MiB: then all pages would have the same place in a TLB that an
 * address's low bits index, as that of Bochs is, and none would be kept.
 */
struct kind {
	const char *name;
	size_t step;
	unsigned int ceiling;
};

static const struct kind kinds[] = {
	{"near", 4096, CEILING},
	{"space", (8 << 20) + 4096, CEILING},
	{"two", 5 << 19, CEILING_LARGE},
	{"four", (8 << 20) + 4096, CEILING_LARGE},
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

/* Results of the processes; shared. */
struct sums {
	uint64_t rounds;
	uint64_t checks;
	uint64_t stale;
	uint64_t strays;
	uint64_t failures; /* of the kernel, or a reader that does not answer */
};

struct run {
	struct window window;
	struct reader readers[CPUS_MAX];
	unsigned int readers_len;
	uint64_t epoch;
};

static struct run run; /* a process's own */

static void stay_on(unsigned int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
}

static time_t seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

/* Until all have checked the epoch; false if one does not answer. */
static bool wait_for_readers(void)
{
	time_t end = seconds() + WAIT_SECONDS;

	for (unsigned int i = 0; i < run.readers_len; i++) {
		const struct reader *r = &run.readers[i];

		/* pairs with the release in reader.c */
		while (__atomic_load_n(&r->seen, __ATOMIC_ACQUIRE) !=
		       run.epoch) {
			if (seconds() > end) {
				return false;
			}
		}
	}
	return true;
}

static bool next_round(void)
{
	if (!window_show(&run.window, run.epoch + 1)) {
		return false;
	}
	/* pairs with the acquire in reader.c */
	__atomic_store_n(&run.epoch, run.epoch + 1, __ATOMIC_RELEASE);
	return wait_for_readers();
}

static bool start_readers(unsigned int set)
{
	run.readers_len = 0;
	for (unsigned int cpu = 0; cpu < CPUS_MAX; cpu++) {
		struct reader *r = &run.readers[run.readers_len];

		if ((set & 1U << cpu) == 0) {
			continue;
		}
		*r = (struct reader){
			.window = &run.window, .epoch = &run.epoch, .cpu = cpu};
		if (!reader_start(r)) {
			return false;
		}
		run.readers_len++;
	}
	return true;
}

/* The work of one process. Epoch 1 is shown before the first reader starts. */
static void replace(const struct kind *kind, unsigned int set,
		    unsigned long rounds, struct sums *sums)
{
	run.epoch = 1;
	if (!window_make(&run.window, kind->step) ||
	    !window_show(&run.window, run.epoch) || !start_readers(set) ||
	    !wait_for_readers()) {
		sums->failures++;
		return;
	}
	for (unsigned long i = 0; i < rounds; i++) {
		if (!next_round()) {
			sums->failures++;
			break;
		}
		sums->rounds++;
	}
	__atomic_store_n(&run.epoch, READER_END, __ATOMIC_RELEASE);
	for (unsigned int i = 0; i < run.readers_len; i++) {
		const struct reader *r = &run.readers[i];

		pthread_join(r->thread, NULL);
		/* the first was no check: nothing had been replaced */
		sums->checks += r->checks - WINDOW_PAGES;
		sums->stale += r->stale;
		sums->strays += r->strays;
	}
}

/* One set of readers, in a process that stays on `writer`. */
static void run_set(const struct kind *kind, unsigned int writer,
		    unsigned int set, unsigned long rounds, struct sums *sums)
{
	pid_t child;
	int status = 0;

	stay_on(writer); /* the child inherits it */
	child = fork();
	if (child == 0) {
		replace(kind, set, rounds, sums);
		_exit(0);
	}
	if (child < 0 || waitpid(child, &status, 0) != child || status != 0) {
		sums->failures++;
	}
}

/*
 * Calls run_set() for all sets of readers, each with another CPU as the writer;
 * with `rounds` 0 it only counts the readers.
 */
static unsigned long all_sets(const struct kind *kind, unsigned int cpus,
			      unsigned long rounds, struct sums *sums)
{
	unsigned long readers = 0;

	for (unsigned int i = 1; i < 1U << (cpus - 1); i++) {
		unsigned int writer = i % cpus;
		unsigned int low = i & ((1U << writer) - 1);
		/* a bit for each CPU but the writer */
		unsigned int set = low | (i & ~((1U << writer) - 1)) << 1;

		readers += (unsigned int)__builtin_popcount(set);
		if (rounds != 0) {
			run_set(kind, writer, set, rounds, sums);
		}
	}
	return readers;
}

static void run_kind(const struct kind *kind, unsigned int cpus,
		     unsigned long rounds, struct sums *sums)
{
	char name[32];

	memset(sums, 0, sizeof(*sums));
	if (!observe_set_ceiling(kind->ceiling)) {
		tap_note("the ceiling cannot be set");
		sums->failures++;
	}
	all_sets(kind, cpus, rounds, sums);
	tap_note("coherence %s: rounds=%lu checks=%lu stale=%lu strays=%lu "
		 "failures=%lu",
		 kind->name, sums->rounds, sums->checks, sums->stale,
		 sums->strays, sums->failures);
	snprintf(name, sizeof(name), "coherence/%s", kind->name);
	tap_result(sums->checks != 0 && sums->stale == 0 && sums->strays == 0 &&
			   sums->failures == 0,
		   name);
}

void coherence_job(void)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	unsigned long checks;
	unsigned long each;
	struct sums *sums = mmap(NULL, sizeof(*sums), PROT_READ | PROT_WRITE,
				 MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (!words_number("checks", CHECKS, &checks) || cpus < 2 ||
	    cpus > CPUS_MAX || sums == MAP_FAILED) {
		tap_bail("coherence: expected a number test.checks and 2 to %d "
			 "CPUs, found %s and %ld",
			 CPUS_MAX, words_text("checks", "none"), cpus);
		return;
	}
	/* what one round of all sets and kinds checks */
	each = KINDS * WINDOW_PAGES *
	       all_sets(&kinds[0], (unsigned int)cpus, 0, NULL);
	for (size_t i = 0; each != 0 && i < KINDS; i++) {
		run_kind(&kinds[i], (unsigned int)cpus,
			 (checks + each - 1) / each, sums);
	}
	munmap(sums, sizeof(*sums));
}
