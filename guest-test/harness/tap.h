/* SPDX-License-Identifier: MIT */
/*
 * The Test Anything Protocol: one line a check, the plan and a summary at the
 * end. Expectations may be stated by every VP; a failed one prints a `#` line.
 */
#ifndef GUEST_TEST_HARNESS_TAP_H
#define GUEST_TEST_HARNESS_TAP_H

#include "base/types.h"

/* A run that ends by die() is `not ok … # why`, and has a summary. */
void tap_init(void);

/* VP 0 only: a check begins and ends. */
void tap_begin(const char *suite, const char *check);
void tap_end(void);

/* The running check is skipped, whatever else it says. */
void tap_skip(const char *reason);

/* Result: did it hold? */
bool tap_equal(const char *what, u64 got, u64 want);
bool tap_true(const char *what, bool holds);
bool tap_at_least(const char *what, u64 got, u64 limit);
bool tap_at_most(const char *what, u64 got, u64 limit);

/* `# heading TEXT`: what the running check rests on */
void tap_heading(const char *heading);

/* A `# name a b` line; the last two only as numbers. */
void tap_note(const char *name, u64 a, u64 b);

/* Plan and summary; returns the exit code, 0 or 1. */
u8 tap_finish(void);

#endif
