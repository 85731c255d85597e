/* SPDX-License-Identifier: MIT */
/* A VP that halts and that only its timer wakes: how late the timer is. */
#ifndef GUEST_TEST_EXPERIMENT_LATE_TIMER_H
#define GUEST_TEST_EXPERIMENT_LATE_TIMER_H

#include "base/types.h"

/* Since late_timer_begin(): the longest delay in TSC ticks, and how often. */
extern volatile u64 late_timer_ticks;
extern volatile u32 late_timer_fired;

void late_timer_begin(void);

/* Halts until the timer of this VP, set to `ticks` from now, has fired. With
   IF = 0 before and after. */
void late_timer_sleep(u64 ticks);

#endif
