/* SPDX-License-Identifier: MIT */
/* Which needs of checks this hypervisor, machine and command line meet. */
#ifndef GUEST_TEST_HARNESS_NEEDS_H
#define GUEST_TEST_HARNESS_NEEDS_H

#include "harness/suite.h"

/* Why the check is skipped; NULL if all that it needs is there. */
const char *needs_missing(const struct check *check);

/*
 * Ends the run with code 2 if two needs have one bit: they would skip, or run,
 * each other's checks.
 */
void needs_check(void);

#endif
