/* SPDX-License-Identifier: MIT */
/*
 * A program for the job `stress`: where the time of munmap goes, by Linux's own
 * trace. It does what the job `munmap` does with 16 pages that are written, and
 * that are read: one thread, and then one on each CPU, as many rounds each as
 * its argument says, while Linux traces locks, flushes and switches. For each
 * it prints a line `traced` with the number of events, and lines `where NAME
 * GROUP pages= threads= …` for each group of shares_sum.h. It ends with status
 * 0 only if no event was lost.
 *
 * The spans of the operations are stamps of their threads; the kernel's events
 * between them have stamps of the same TSC.
 *
 * It is no job of init.c, so that the init of the measurements that it explains
 * is what it was.
 */
#include "linux/crew.h"
#include "linux/shares_sum.h"
#include "linux/tracefs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <x86intrin.h>

#define PAGE       4096UL
#define PAGES      16UL
#define EVENTS_MAX 400000UL

/* TSC before an munmap and after it. */
struct span {
	uint64_t begin;
	uint64_t end;
};

struct run {
	const char *name; /* of its lines */
	bool reads;
	unsigned long times;
	struct crew crew;
	pid_t threads[CREW_MAX];
	struct span *spans[CREW_MAX]; /* of each thread */
	struct lock_event *events;
	size_t count;
	struct shares_operation *operations;
};

/* Memory that is there: no later access makes a page fault. */
static void *memory(size_t len)
{
	void *at = mmap(NULL, len, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	return at == MAP_FAILED ? NULL : at;
}

static bool unmap_once(bool reads, struct span *span)
{
	void *at = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	volatile unsigned char *pages = at;
	bool ok = at != MAP_FAILED;

	for (size_t i = 0; ok && i < PAGES; i++) {
		if (reads) {
			(void)pages[i * PAGE];
		} else {
			pages[i * PAGE] = 1;
		}
	}
	span->begin = __rdtsc();
	ok = ok && munmap(at, PAGES * PAGE) == 0;
	span->end = __rdtsc();
	return ok;
}

static void work(struct crew_member *member)
{
	struct run *run = member->shared;
	struct span *spans = run->spans[member->cpu];

	run->threads[member->cpu] = gettid();
	for (unsigned long i = 0; i < run->times && !member->failed; i++) {
		member->failed = !unmap_once(run->reads, &spans[i]);
	}
}

static bool make(struct run *run)
{
	size_t all = run->times * run->crew.count;
	bool ok = true;

	for (unsigned int i = 0; i < run->crew.count; i++) {
		run->spans[i] = memory(run->times * sizeof(*run->spans[i]));
		ok = ok && run->spans[i] != NULL;
	}
	run->events = memory(EVENTS_MAX * sizeof(*run->events));
	run->operations = memory(all * sizeof(*run->operations));
	return ok && run->events != NULL && run->operations != NULL;
}

static void add_event(struct run *run, unsigned int cpu, uint64_t ticks,
		      enum lock_event_kind kind)
{
	if (run->count < EVENTS_MAX) {
		run->events[run->count] = (struct lock_event){
			.ticks = ticks,
			.thread = (uint32_t)run->threads[cpu],
			.kind = kind};
	}
	run->count++;
}

static void add_operations(struct run *run)
{
	for (unsigned int cpu = 0; cpu < run->crew.count; cpu++) {
		for (unsigned long i = 0; i < run->times; i++) {
			const struct span *span = &run->spans[cpu][i];

			add_event(run, cpu, span->begin, LOCK_EVENT_BEGIN);
			add_event(run, cpu, span->end, LOCK_EVENT_END);
		}
	}
}

static void report_group(const struct run *run, const char *name,
			 const struct shares_sum *sum)
{
	char line[SHARES_SUM_LINE];

	for (enum shares_sum_row row = 0; row < SHARES_SUM_ROWS; row++) {
		shares_sum_print(line, sum, row);
		printf("where %s %s pages=%lu threads=%u %s\n", run->name, name,
		       PAGES, run->crew.count, line);
	}
}

static void report(const struct run *run, size_t count)
{
	struct shares_sum_group groups[SHARES_SUM_GROUPS];

	shares_sum_sort(run->operations, count);
	shares_sum_groups(count, groups);
	for (size_t i = 0; i < SHARES_SUM_GROUPS; i++) {
		struct shares_sum sum = shares_sum_of(
			run->operations, groups[i].first, groups[i].end);

		report_group(run, groups[i].name, &sum);
	}
}

/* Every event and every operation, or nothing is said of them. */
static bool share_out(struct run *run)
{
	size_t all = run->times * run->crew.count;
	unsigned long lost = tracefs_lost();
	size_t found;

	run->count = tracefs_read(run->events, EVENTS_MAX);
	add_operations(run);
	printf("traced %s threads=%u events=%zu lost=%lu\n", run->name,
	       run->crew.count, run->count, lost);
	if (lost != 0 || run->count > EVENTS_MAX) {
		return false;
	}
	found = shares_find(run->events, run->count, run->operations, all);
	if (found != all) {
		printf("expected %zu operations, found %zu\n", all, found);
		return false;
	}
	report(run, found);
	return true;
}

static bool body(void *argument)
{
	struct run *run = argument;
	bool ok = make(run) && tracefs_start() &&
		  crew_run(&run->crew, work, run) && tracefs_stop() &&
		  share_out(run);

	fflush(stdout); /* crew_apart() ends the process by _exit() */
	return ok;
}

static bool run_one(bool reads, unsigned long times, unsigned int threads)
{
	static struct run run;

	memset(&run, 0, sizeof(run));
	run.name = reads ? "munmap_read" : "munmap";
	run.reads = reads;
	run.times = times;
	run.crew.count = threads;
	return crew_apart(body, &run);
}

static bool run_all(unsigned long times, unsigned int cpus)
{
	bool ok = true;

	for (int reads = 0; reads < 2; reads++) {
		ok = run_one(reads != 0, times, 1) && ok;
		ok = run_one(reads != 0, times, cpus) && ok;
	}
	return ok;
}

int main(int count, char **words)
{
	unsigned long times = count == 2 ? strtoul(words[1], NULL, 10) : 0;
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	const char *refused;
	bool ok;

	if (times == 0 || cpus < 1 || cpus > CREW_MAX) {
		printf("expected a number of rounds and 1 to %d CPUs\n",
		       CREW_MAX);
		return 1;
	}
	refused = tracefs_set_up();
	if (refused != NULL) {
		printf("the kernel refuses tracing/%s\n", refused);
		return 1;
	}
	ok = run_all(times, (unsigned int)cpus);
	tracefs_end();
	return ok ? 0 : 1;
}
