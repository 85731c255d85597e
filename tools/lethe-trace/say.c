/* SPDX-License-Identifier: MIT */
/* Messages begin with the name of the program. */
#include "say.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static __printf(1, 0) void print(const char *fmt, va_list args)
{
	fflush(stdout);
	fputs("lethe-trace: ", stderr);
	vfprintf(stderr, fmt, args);
	fputc('\n', stderr);
}

void say(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	print(fmt, args);
	va_end(args);
}

void say_failed(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	print(fmt, args);
	va_end(args);
	exit(SAY_FAILED);
}

void *say_room(void *old, size_t count, size_t size)
{
	void *room = reallocarray(old, count, size);

	if (room == NULL) {
		say_failed("expected memory for %zu times %zu bytes, found "
			   "none",
			   count, size);
	}
	return room;
}
