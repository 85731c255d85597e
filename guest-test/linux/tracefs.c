/* SPDX-License-Identifier: MIT */
/* Linux, Documentation/trace/ftrace.rst, "The File System", and kprobetrace.rst
 * tell what these files do. */
#include "linux/tracefs.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define TRACING "/sys/kernel/tracing/"

struct setting {
	const char *file;
	const char *text;
};

/* contention_begin comes when the thread has span in vain: the whole wait for
 * the lock of an address space is between two events of mmap_lock. There is
 * none of flushes by interrupt, so both kinds are probed. */
static const struct setting settings[] = {
	{"tracing_on", "0"},
	{"trace_clock", "x86-tsc"},
	{"buffer_size_kb", "8192"},
	{"kprobe_events", "p:lethe/flush_begin flush_tlb_mm_range\n"
			  "r:lethe/flush_end flush_tlb_mm_range\n"
			  "p:lethe/split_begin __split_vma\n"
			  "r:lethe/split_end __split_vma\n"},
	{"events/lethe/enable", "1"},
	{"events/lock/contention_begin/enable", "1"},
	{"events/lock/contention_end/enable", "1"},
	{"events/mmap_lock/enable", "1"},
	{"events/irq_vectors/call_function_entry/enable", "1"},
	{"events/irq_vectors/call_function_exit/enable", "1"},
	{"events/irq_vectors/call_function_single_entry/enable", "1"},
	{"events/irq_vectors/call_function_single_exit/enable", "1"},
	{"events/sched/sched_switch/enable", "1"},
};

static bool put(const char *file, const char *text)
{
	char path[128];
	FILE *out;
	bool ok;

	snprintf(path, sizeof(path), TRACING "%s", file);
	out = fopen(path, "we"); /* which empties the trace, deletes probes */
	ok = out != NULL && fputs(text, out) >= 0;
	return out != NULL && fclose(out) == 0 && ok;
}

const char *tracefs_set_up(void)
{
	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
		if (!put(settings[i].file, settings[i].text)) {
			return settings[i].file;
		}
	}
	return NULL;
}

bool tracefs_start(void)
{
	return put("trace", "") && put("tracing_on", "1");
}

bool tracefs_stop(void)
{
	return put("tracing_on", "0");
}

/* Calls `take` for each line of the file; false if it cannot be read. */
static bool for_each_line(const char *file,
			  void (*take)(const char *line, void *argument),
			  void *argument)
{
	char line[512];
	FILE *lines;

	snprintf(line, sizeof(line), TRACING "%s", file);
	lines = fopen(line, "re");
	while (lines != NULL && fgets(line, sizeof(line), lines) != NULL) {
		take(line, argument);
	}
	if (lines != NULL) {
		fclose(lines);
	}
	return lines != NULL;
}

struct reading {
	struct lock_event *events;
	size_t count;
	size_t max;
};

static void take_event(const char *line, void *argument)
{
	struct lock_event found[LOCK_EVENTS_OF_LINE];
	struct reading *reading = argument;
	size_t count = lock_events_read(line, found);

	for (size_t i = 0; i < count; i++) {
		if (reading->count < reading->max) {
			reading->events[reading->count] = found[i];
		}
		reading->count++;
	}
}

size_t tracefs_read(struct lock_event *events, size_t max)
{
	struct reading reading = {.events = events, .max = max};

	for_each_line("trace", take_event, &reading);
	return reading.count;
}

/* `overrun: 12`, `commit overrun: 0`, `dropped events: 0` */
static void take_overrun(const char *line, void *argument)
{
	unsigned long lost;

	if (sscanf(line, "overrun: %lu", &lost) == 1 ||
	    sscanf(line, "commit overrun: %lu", &lost) == 1 ||
	    sscanf(line, "dropped events: %lu", &lost) == 1) {
		*(unsigned long *)argument += lost;
	}
}

/* `  flush_begin   4711   0`: the name, hits, and hits that were missed */
static void take_missed(const char *line, void *argument)
{
	unsigned long lost;

	if (sscanf(line, "%*s %*u %lu", &lost) == 1) {
		*(unsigned long *)argument += lost;
	}
}

unsigned long tracefs_lost(void)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	unsigned long lost = 0;
	char file[64];

	for (long cpu = 0; cpu < cpus; cpu++) {
		snprintf(file, sizeof(file), "per_cpu/cpu%ld/stats", cpu);
		lost += !for_each_line(file, take_overrun, &lost);
	}
	lost += !for_each_line("kprobe_profile", take_missed, &lost);
	return lost;
}

void tracefs_end(void)
{
	put("tracing_on", "0");
	put("events/enable", "0");
	put("trace", "");
}
