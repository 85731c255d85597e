/* SPDX-License-Identifier: MIT */
/* What kvm-run says on stderr, and the statuses that are not the guest's. */
#ifndef TOOLS_KVM_RUN_SAY_H
#define TOOLS_KVM_RUN_SAY_H

#include "base/types.h"

#define SAY_FAILED       125 /* of kvm-run; stderr says why */
#define SAY_TIME         124 /* --seconds have passed */
#define SAY_TRIPLE_FAULT 128 /* as Lethe has it */

/* One line `kvm-run: ...`. */
void say(const char *fmt, ...) __printf(1, 2);

/* The same, and the end with SAY_FAILED. */
__noreturn void say_failed(const char *fmt, ...) __printf(1, 2);

#endif
