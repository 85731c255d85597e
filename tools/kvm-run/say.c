/* SPDX-License-Identifier: MIT */
/* Prints each line at once, so that lines of several threads do not mix. */
#include "say.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static __printf(1, 0) void put(const char *fmt, va_list args)
{
	char line[512];

	vsnprintf(line, sizeof(line), fmt, args);
	fprintf(stderr, "kvm-run: %s\n", line);
}

void say(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	put(fmt, args);
	va_end(args);
}

void say_failed(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	put(fmt, args);
	va_end(args);
	_Exit(SAY_FAILED);
}
