/* SPDX-License-Identifier: MIT */
/*
 * The budget is 50 us; with `budget_elements`, for tests, each step uses it up.
 */
#include "core/cpu/budget.h"

#include "core/port/port.h"
#include "core/state/machine.h"
#include "core/state/partition.h"
#include "core/state/vp.h"

#define BUDGETS_PER_SECOND 20000 /* of 50 us */
#define BUDGET_TICKS_MIN   20000

static u64 budget_ticks(void)
{
	u64 ticks = machine.tsc_hz / BUDGETS_PER_SECOND;

	return ticks < BUDGET_TICKS_MIN ? BUDGET_TICKS_MIN : ticks;
}

bool budget_spent(const struct vp *vp, u64 began)
{
	return vp->partition->config->budget_elements != 0 ||
	       port_tsc() - began >= budget_ticks();
}
