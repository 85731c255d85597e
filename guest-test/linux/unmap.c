/* SPDX-License-Identifier: MIT */
/* Each munmap is a flush of all CPUs on which the process runs. */
#include "linux/unmap.h"
#include "linux/crew.h"
#include "linux/tap.h"
#include "linux/words.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <x86intrin.h>

#define PAGE  4096UL
#define TIMES 400UL

struct kind {
	const char *size; /* in test.sizes */
	const char *name; /* of its line */
	unsigned long pages;
	unsigned long fewer; /* test.times is divided by it */
	bool reads;          /* each page, which is the zero page then */
};

static const struct kind kinds[] = {
	{"1", "munmap", 1, 1, false},
	{"16", "munmap", 16, 1, false},
	{"16r", "munmap_read", 16, 1, true},
	{"4096", "munmap", 4096, 100, false},
};

struct run {
	const struct kind *kind;
	unsigned long times;
	struct crew crew;
	struct samples samples[CREW_MAX]; /* of each thread */
};

static void touch(volatile unsigned char *page, bool reads)
{
	if (reads) {
		(void)*page;
	} else {
		*page = 1;
	}
}

bool unmap_round(unsigned long pages, bool reads, struct samples *samples)
{
	size_t len = pages * PAGE;
	unsigned char *at;
	uint64_t before;
	bool ok;

	at = mmap(NULL, len, PROT_READ | PROT_WRITE,
		  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (at == MAP_FAILED) {
		return false;
	}
	for (size_t i = 0; i < len; i += PAGE) {
		touch(&at[i], reads);
	}
	before = __rdtsc();
	ok = munmap(at, len) == 0;
	return samples_add(samples, __rdtsc() - before) && ok;
}

static void work(struct crew_member *member)
{
	struct run *run = member->shared;

	for (unsigned long i = 0; i < run->times && !member->failed; i++) {
		member->failed =
			!unmap_round(run->kind->pages, run->kind->reads,
				     &run->samples[member->cpu]);
	}
}

/* All threads' samples become the first's, which has room for them. */
static void join(struct run *run)
{
	for (unsigned int i = 1; i < run->crew.count; i++) {
		for (size_t at = 0; at < run->samples[i].len; at++) {
			samples_add(&run->samples[0],
				    run->samples[i].ticks[at]);
		}
	}
}

static bool body(void *argument)
{
	struct run *run = argument;

	for (unsigned int i = 0; i < run->crew.count; i++) {
		if (!samples_make(&run->samples[i],
				  run->times * run->crew.count)) {
			return false;
		}
	}
	if (!crew_run(&run->crew, work, run)) {
		return false;
	}
	join(run);
	return samples_report(
		&run->samples[0],
		&(struct samples_of){.name = run->kind->name,
				     .pages = run->kind->pages,
				     .threads = run->crew.count,
				     .elapsed = crew_elapsed(&run->crew)});
}

static void run_kind(const struct kind *kind, unsigned long times,
		     unsigned int threads)
{
	static struct run run;
	char name[48];

	memset(&run, 0, sizeof(run));
	run.kind = kind;
	run.times = times < kind->fewer ? 1 : times / kind->fewer;
	run.crew.count = threads;
	snprintf(name, sizeof(name), "munmap/%s pages, %u threads", kind->size,
		 threads);
	tap_result(crew_apart(body, &run), name);
}

/* Whether test.sizes, words with commas between them, has that word. */
static bool is_chosen(const char *size)
{
	char list[64];
	char word[24];

	snprintf(list, sizeof(list), ",%s,",
		 words_text("sizes", "1,16,16r,4096"));
	snprintf(word, sizeof(word), ",%s,", size);
	return strstr(list, word) != NULL;
}

void unmap_job(void)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	unsigned long times;

	if (!words_number("times", TIMES, &times) || times == 0 || cpus < 1 ||
	    cpus > CREW_MAX) {
		tap_bail("munmap: expected a number test.times above 0 and 1 "
			 "to %d CPUs, found %s and %ld",
			 CREW_MAX, words_text("times", "none"), cpus);
		return;
	}
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (is_chosen(kinds[i].size)) {
			run_kind(&kinds[i], times, 1);
			run_kind(&kinds[i], times, (unsigned int)cpus);
		}
	}
}
