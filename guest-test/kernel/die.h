/* SPDX-License-Identifier: MIT */
/*
 * The ways to end a run that cannot go on. One VP tells why, the others halt;
 * the exit code is 2.
 */
#ifndef GUEST_TEST_KERNEL_DIE_H
#define GUEST_TEST_KERNEL_DIE_H

#include "base/types.h"

struct trap_frame;

/* Called with the reason before the run ends; harness/tap.c sets it. */
extern void (*die_report)(const char *why);

__noreturn void die(const char *why);

/* An exception that nothing expects: prints vector, error code and RIP. */
__noreturn void die_exception(const struct trap_frame *frame);

/* A check that takes too long: prints which VP found out. */
__noreturn void die_hang(void);

#endif
