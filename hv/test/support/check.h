/* SPDX-License-Identifier: MIT */
/*
 * What a unit test is made of. A test is a function, a suite is a table of
 * tests. unit/main.c lists the suites and prints TAP.
 */
#ifndef HV_TEST_SUPPORT_CHECK_H
#define HV_TEST_SUPPORT_CHECK_H

#include "base/types.h"

struct test {
	const char *name;
	void (*fn)(void);
};

struct suite {
	const char *name;
	const struct test *tests;
	unsigned count;
};

#define SUITE(_name, _tests)                                                   \
	{                                                                      \
		.name = (_name), .tests = (_tests),                            \
		.count = sizeof(_tests) / sizeof((_tests)[0])                  \
	}

/* For unit/main.c: runs one test; true if it passed. */
bool check_run(void (*fn)(void));

/* Prints file, line and message as a comment, and leaves the test. */
void check_fail(const char *file, unsigned line, const char *fmt,
		...) __noreturn __printf(3, 4);

/* check_fail() with both values, unless what is expected holds. */
void check_true(bool ok, const char *text, const char *file, unsigned line);
void check_eq(uint64_t got, uint64_t want, const char *text, const char *file,
	      unsigned line);
void check_str(const char *got, const char *want, const char *file,
	       unsigned line);

#define CHECK(cond) check_true((cond), #cond, __FILE__, __LINE__)
#define CHECK_EQ(got, want)                                                    \
	check_eq((uint64_t)(got), (uint64_t)(want), #got, __FILE__, __LINE__)
#define CHECK_STR(got, want) check_str((got), (want), __FILE__, __LINE__)

#endif
