/* SPDX-License-Identifier: MIT */
/* The names of numbers in records. Each is NULL for a number without a name. */
#ifndef TOOLS_LETHE_TRACE_NAMES_H
#define TOOLS_LETHE_TRACE_NAMES_H

#include "base/types.h"

#define NAMES_VMCALL 18 /* the exit reason of a hypercall */

const char *names_reason(u64 reason); /* basic VM-exit reason */
const char *names_status(u64 status); /* of a hypercall, without HV_STATUS_ */
const char *names_call(u64 code);     /* hypercall */
const char *names_state(u64 state);   /* enum vp_state */

#endif
