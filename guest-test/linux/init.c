/* SPDX-License-Identifier: MIT */
/*
 * The first process of a Linux guest. It mounts what the jobs need, does the
 * jobs of test.jobs one after another, prints what the kernel counted, and
 * ends the machine as test.end says; with test.end-after it ends it while the
 * jobs are at work.
 */
#include "linux/coherence.h"
#include "linux/console.h"
#include "linux/counter.h"
#include "linux/end.h"
#include "linux/flusher.h"
#include "linux/kernel_maps.h"
#include "linux/observe.h"
#include "linux/stress.h"
#include "linux/symbols.h"
#include "linux/tap.h"
#include "linux/unmap.h"
#include "linux/words.h"

#include <errno.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>
#include <x86intrin.h>

struct place {
	const char *type;
	const char *path;
};

static const struct place places[] = {
	{"devtmpfs", "/dev"},
	{"proc", "/proc"},
	{"sysfs", "/sys"},
	{"tracefs", "/sys/kernel/tracing"},
	{"debugfs", "/sys/kernel/debug"},
};

struct job {
	const char *name;
	void (*run)(void);
};

static void none_job(void)
{
}

/* clang-format off */
static const struct job jobs[] = {
	{"none", none_job},       {"console", console_job},
	{"symbols", symbols_job}, {"coherence", coherence_job},
	{"stress", stress_job},   {"kernel-maps", kernel_maps_job},
	{"flusher", flusher_job},
	{"munmap", unmap_job},    {"counter", counter_job},
};
/* clang-format on */

static void mount_all(void)
{
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		mkdir(places[i].path, 0755);
		if (mount("none", places[i].path, places[i].type, 0, NULL) <
			    0 &&
		    errno != EBUSY) {
			tap_note("%s is not mounted: %s", places[i].path,
				 strerror(errno));
		}
	}
}

/* Whether the list, words with commas between them, has that word. */
static bool has(const char *list, const char *word)
{
	size_t len = strlen(word);

	for (const char *at = list; at != NULL;
	     at = strchr(at, ','), at += at != NULL) {
		if (strncmp(at, word, len) == 0 &&
		    (at[len] == ',' || at[len] == '\0')) {
			return true;
		}
	}
	return false;
}

static void run_jobs(const char *list)
{
	unsigned int done = 0;

	for (size_t i = 0; i < sizeof(jobs) / sizeof(jobs[0]); i++) {
		if (has(list, jobs[i].name)) {
			jobs[i].run();
			done++;
		}
	}
	if (done == 0) {
		tap_bail("test.jobs: expected names of jobs, found `%s`", list);
	}
}

int main(void)
{
	unsigned long long ticks = __rdtsc();
	struct utsname name = {0};
	const char *end;
	unsigned long after;

	mount_all();
	tap_open();
	if (!words_load()) {
		tap_bail("/proc/cmdline cannot be read");
	}
	uname(&name);
	tap_note("init ticks=%llu cpus=%ld linux=%s", ticks,
		 sysconf(_SC_NPROCESSORS_ONLN), name.release);
	/* the trace makes each hypercall dearer: a measurement is without it */
	if (strcmp(words_text("trace", "yes"), "no") != 0 && !observe_start()) {
		tap_note("there is no trace of hypercalls");
	}
	end = words_text("end", "poweroff");
	if (!end_is_known(end)) {
		tap_bail("test.end: expected the name of an end, found `%s`",
			 end);
		end = "poweroff";
	}
	if (!words_number("end-after", 0, &after) ||
	    (after != 0 && !end_later(end, after))) {
		tap_bail("test.end-after: expected milliseconds, found `%s`",
			 words_text("end-after", ""));
	}
	run_jobs(words_text("jobs", "none"));
	observe_report();
	tap_plan();
	end_machine(end);
	tap_bail("the kernel refused the end %s", end);
	return 1; /* the kernel panics */
}
