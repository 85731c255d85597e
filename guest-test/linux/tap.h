/* SPDX-License-Identifier: MIT */
/*
 * Prints TAP through the kernel's log, which reaches the console line by line,
 * also where the serial port has no interrupt.
 */
#ifndef GUEST_TEST_LINUX_TAP_H
#define GUEST_TEST_LINUX_TAP_H

#include <stdbool.h>

/* Opens /dev/kmsg; before that nothing is printed. */
void tap_open(void);

/* A line `# …`; at most 900 characters. */
void tap_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A result. Returns `good`. */
bool tap_result(bool good, const char *name);

/* The end without a plan: the job cannot be done. */
void tap_bail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The plan: the last line. */
void tap_plan(void);

#endif
