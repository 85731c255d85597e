/* SPDX-License-Identifier: MIT */
/*
 * The Test Anything Protocol: a line for each check, then the plan and a
 * summary. Any VP may call tap_equal() and the like; if the expectation fails,
 * a `#` line says so.
 */
#ifndef GUEST_TEST_HARNESS_TAP_H
#define GUEST_TEST_HARNESS_TAP_H

#include "base/types.h"

/* From now on die() prints `not ok … # why` and the summary. */
void tap_init(void);

/* VP 0 only: a check begins and ends. */
void tap_begin(const char *suite, const char *check);
void tap_end(void);

/* Skips the running check, unless an expectation has failed. */
void tap_skip(const char *reason);

/* These return whether the expectation holds. */
bool tap_equal(const char *what, u64 got, u64 want);
bool tap_true(const char *what, bool holds);
bool tap_at_least(const char *what, u64 got, u64 limit);
bool tap_at_most(const char *what, u64 got, u64 limit);

/* `# heading TEXT`: what the running check relies on */
void tap_heading(const char *heading);

/* Prints `# name a b`; tap_note_hex(): both with 0x. */
void tap_note(const char *name, u64 a, u64 b);
void tap_note_hex(const char *name, u64 a, u64 b);

/* Prints plan and summary; returns the exit code, 0 or 1. */
u8 tap_finish(void);

#endif
