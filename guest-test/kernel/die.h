/* SPDX-License-Identifier: MIT */
/*
 * How a run ends that cannot go on: one VP reports why, the others halt, and
 * the exit code is 2.
 */
#ifndef GUEST_TEST_KERNEL_DIE_H
#define GUEST_TEST_KERNEL_DIE_H

#include "base/types.h"

struct trap_frame;

/* Called with the reason before the run ends; harness/tap.c sets it. */
extern void (*die_report)(const char *why);

__noreturn void die(const char *why);

/* An exception that no check expects: prints vector, error code and RIP. */
__noreturn void die_exception(const struct trap_frame *frame);

/* A check takes too long: prints which VP has seen it. */
__noreturn void die_hang(void);

#endif
