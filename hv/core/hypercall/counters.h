/* SPDX-License-Identifier: MIT */
/* The test-only call, answered where the partition has test-calls = yes. */
#ifndef HV_CORE_HYPERCALL_COUNTERS_H
#define HV_CORE_HYPERCALL_COUNTERS_H

#include "core/hypercall/hypercall.h"

struct hc_result hc_test_read(struct vp *vp, const struct hc_input *in);

#endif
