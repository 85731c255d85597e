/* SPDX-License-Identifier: MIT */
/* How long a hypercall may keep its CPU in root mode. */
#ifndef HV_CORE_CPU_BUDGET_H
#define HV_CORE_CPU_BUDGET_H

#include "base/types.h"

struct vp;

/* True if a call that began at TSC `began` has to stop between two steps. */
bool budget_spent(const struct vp *vp, u64 began);

#endif
