/* SPDX-License-Identifier: MIT */
/* Output of user space, which takes the serial driver's other path: without an
 * interrupt the driver looks at the port at each tick of its timer. */
#include "linux/console.h"
#include "linux/tap.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define LINES 4

static bool put_lines(int fd)
{
	for (int i = 1; i <= LINES; i++) {
		char line[64];

		snprintf(line, sizeof(line), "console line %d of %d\n", i,
			 LINES);
		if (write(fd, line, strlen(line)) != (ssize_t)strlen(line)) {
			return false;
		}
	}
	return tcdrain(fd) == 0;
}

void console_job(void)
{
	int fd = open("/dev/console", O_WRONLY | O_NOCTTY | O_CLOEXEC);
	bool ok = fd >= 0 && put_lines(fd);

	if (fd >= 0) {
		close(fd);
	}
	tap_result(ok, "console/written");
}
