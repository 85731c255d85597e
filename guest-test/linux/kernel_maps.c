/* SPDX-License-Identifier: MIT */
/*
 * A module that is none is copied into memory that the kernel maps for it and
 * unmaps when it has seen what it is. The kernel remembers the range and
 * flushes it before it may be used again: when 32 MiB are waiting for that,
 * times the bits of the number of CPUs. So modules follow that are large and
 * cannot be read. The next small one then gets the same addresses and other
 * pages.
 */
#include "linux/kernel_maps.h"
#include "linux/counter.h"
#include "linux/tap.h"
#include "linux/words.h"

#include <errno.h>
#include <sched.h>
#include <sys/klog.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ROUNDS        8
#define SMALL         0x10000
#define LARGE         (33UL << 20)
#define PURGE_US      5000 /* another thread of the kernel flushes */
#define CONSOLE_LEVEL 8    /* Linux, syslog(2): sets what is printed */
#define QUIET         3    /* not that there is no module */
#define USUAL         7

static bool map_and_unmap(const void *module, unsigned long size, int error)
{
	return syscall(SYS_init_module, module, size, "") < 0 && errno == error;
}

/* A range of LARGE for each bit of the number of CPUs. */
static bool flush(unsigned int cpus)
{
	bool ok = true;

	for (; cpus != 0; cpus >>= 1) {
		ok = map_and_unmap(NULL, LARGE, EFAULT) && ok;
	}
	usleep(PURGE_US);
	return ok;
}

static unsigned long on_each_cpu(const void *nothing, unsigned int cpus)
{
	unsigned long failures = 0;

	for (unsigned int cpu = 0; cpu < cpus; cpu++) {
		cpu_set_t set;

		CPU_ZERO(&set);
		CPU_SET(cpu, &set);
		sched_setaffinity(0, sizeof(set), &set);
		failures +=
			!map_and_unmap(nothing, SMALL, ENOEXEC) || !flush(cpus);
	}
	return failures;
}

void kernel_maps_job(void)
{
	unsigned int cpus = (unsigned int)sysconf(_SC_NPROCESSORS_ONLN);
	static const char nothing[SMALL];
	unsigned long failures = 0;
	unsigned long rounds;

	if (!words_number("rounds", ROUNDS, &rounds)) {
		tap_bail("kernel-maps: expected a number test.rounds, found %s",
			 words_text("rounds", "none"));
		return;
	}
	for (unsigned long i = 0; i < rounds; i++) {
		klogctl(CONSOLE_LEVEL, NULL, QUIET);
		failures += on_each_cpu(nothing, cpus);
		klogctl(CONSOLE_LEVEL, NULL, USUAL);
		counter_job(); /* a kernel without flushes may not live long */
	}
	tap_note("kernel-maps: rounds=%lu cpus=%u failures=%lu", rounds, cpus,
		 failures);
	tap_result(rounds != 0 && failures == 0, "kernel-maps/rounds");
}
