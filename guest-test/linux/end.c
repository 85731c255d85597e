/* SPDX-License-Identifier: MIT */
/* Power-off, restart, halt, panic and reset. */
#include "linux/end.h"

#include "linux/tap.h"

#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/reboot.h>
#include <time.h>
#include <unistd.h>

struct end {
	const char *name;
	int reboot;        /* argument of reboot(2) */
	const char *sysrq; /* instead: a key for /proc/sysrq-trigger */
};

/* Linux, Documentation/admin-guide/sysrq.rst: `c` is a crash,
 * `b` a reset at once, while the other CPUs go on */
static const struct end ends[] = {
	{"poweroff", (int)RB_POWER_OFF, NULL},
	{"restart", (int)RB_AUTOBOOT, NULL},
	{"halt", (int)RB_HALT_SYSTEM, NULL},
	{"panic", 0, "c"},
	{"reset", 0, "b"},
};

static const struct end *find(const char *name)
{
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		if (strcmp(ends[i].name, name) == 0) {
			return &ends[i];
		}
	}
	return NULL;
}

bool end_is_known(const char *name)
{
	return find(name) != NULL;
}

void end_machine(const char *name)
{
	const struct end *end = find(name);
	int fd = -1;

	if (end == NULL) {
		return;
	}
	if (end->sysrq == NULL) {
		reboot(end->reboot);
		return;
	}
	fd = open("/proc/sysrq-trigger", O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, end->sysrq, 1) != 1) {
		return;
	}
}

bool end_later(const char *name, unsigned long ms)
{
	struct timespec time = {.tv_sec = (time_t)(ms / 1000),
				.tv_nsec = (long)(ms % 1000) * 1000000};
	pid_t child = fork();

	if (child != 0) {
		return child > 0;
	}
	nanosleep(&time, NULL);
	tap_note("end %s now", name);
	end_machine(name);
	_exit(1);
}
