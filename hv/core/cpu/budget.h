/* SPDX-License-Identifier: MIT */
/* How long a call may keep its CPU in root mode. */
#ifndef HV_CORE_CPU_BUDGET_H
#define HV_CORE_CPU_BUDGET_H

#include "base/types.h"

struct vp;

/* Between two steps: has a call that began at `began` (TSC) to stop here? */
bool budget_spent(const struct vp *vp, u64 began);

#endif
