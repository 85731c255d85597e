/* SPDX-License-Identifier: MIT */
/* The checks of a test. The first that fails prints why and leaves the test. */
#include "support/check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static jmp_buf leave_test;

bool check_run(void (*fn)(void))
{
	if (setjmp(leave_test) != 0) {
		return false;
	}
	fn();
	return true;
}

void check_fail(const char *file, unsigned line, const char *fmt, ...)
{
	va_list args;

	printf("# %s:%u: ", file, line);
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	printf("\n");
	longjmp(leave_test, 1);
}

void check_true(bool ok, const char *text, const char *file, unsigned line)
{
	if (!ok) {
		check_fail(file, line, "%s: got 0x0 want 0x1", text);
	}
}

void check_eq(uint64_t got, uint64_t want, const char *text, const char *file,
	      unsigned line)
{
	if (got != want) {
		check_fail(file, line, "%s: got 0x%llx want 0x%llx", text,
			   (unsigned long long)got, (unsigned long long)want);
	}
}

void check_str(const char *got, const char *want, const char *file,
	       unsigned line)
{
	if (strcmp(got, want) != 0) {
		check_fail(file, line, "got \"%s\" want \"%s\"", got, want);
	}
}
