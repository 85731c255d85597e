/* SPDX-License-Identifier: MIT */
/* Counts results and prints them. */
#include "linux/tap.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LINE_MAX_BYTES 960 /* Linux, LOG_LINE_MAX less the prefix */
/* Above each console_loglevel but 0, so that `quiet` does not hide a line */
#define LEVEL "<1>"

static int fd = -1;
static unsigned int results;

void tap_open(void)
{
	fd = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);
}

/* One write is one line of the log. */
static void __attribute__((format(printf, 2, 0)))
put(const char *before, const char *format, va_list words)
{
	char line[LINE_MAX_BYTES];
	int at = snprintf(line, sizeof(line), LEVEL "%s", before);

	vsnprintf(line + at, sizeof(line) - (size_t)at, format, words);
	if (fd >= 0 && write(fd, line, strlen(line)) < 0) {
		_exit(1); /* the kernel panics, which the console shows */
	}
}

void tap_note(const char *format, ...)
{
	va_list words;

	va_start(words, format);
	put("# ", format, words);
	va_end(words);
}

static void __attribute__((format(printf, 1, 2)))
put_line(const char *format, ...)
{
	va_list words;

	va_start(words, format);
	put("", format, words);
	va_end(words);
}

bool tap_result(bool good, const char *name)
{
	results++;
	put_line("%s %u - %s", good ? "ok" : "not ok", results, name);
	return good;
}

void tap_bail(const char *format, ...)
{
	va_list words;

	va_start(words, format);
	put("Bail out! ", format, words);
	va_end(words);
}

void tap_plan(void)
{
	put_line("1..%u", results);
}
