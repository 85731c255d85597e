/* SPDX-License-Identifier: MIT */
/* Messages on stderr, and the exit statuses. */
#ifndef TOOLS_LETHE_TRACE_SAY_H
#define TOOLS_LETHE_TRACE_SAY_H

#include "base/types.h"

#define SAY_COMPLETE 0
#define SAY_INCOMPLETE                                                         \
	1            /* output is written, but parts of the dump are not       \
			there; stderr says which */
#define SAY_FAILED 2 /* no output; stderr says why */

/* Prints a line `lethe-trace: ...`. */
void say(const char *fmt, ...) __printf(1, 2);

/* Prints such a line and ends the program with SAY_FAILED. */
__noreturn void say_failed(const char *fmt, ...) __printf(1, 2);

/* realloc() of `count` elements of `size` bytes, which does not fail. */
void *say_room(void *old, size_t count, size_t size);

#endif
