/* SPDX-License-Identifier: MIT */
/* Messages on stderr, and the exit statuses that the guest does not choose. */
#ifndef TOOLS_KVM_RUN_SAY_H
#define TOOLS_KVM_RUN_SAY_H

#include "base/types.h"

#define SAY_FAILED       125 /* kvm-run failed; stderr says why */
#define SAY_TIME         124 /* --seconds have passed */
#define SAY_TRIPLE_FAULT 128 /* the same code as Lethe's */

/* Prints a line `kvm-run: ...`. */
void say(const char *fmt, ...) __printf(1, 2);

/* Prints such a line and ends kvm-run with SAY_FAILED. */
__noreturn void say_failed(const char *fmt, ...) __printf(1, 2);

#endif
