/* SPDX-License-Identifier: MIT */
/*
 * VPs that share a CPU: the length of a slice, the number of neighbours, and
 * VPs that spin until they are told to stop.
 */
#ifndef GUEST_TEST_EXPERIMENT_SHARED_CPU_H
#define GUEST_TEST_EXPERIMENT_SHARED_CPU_H

#include "base/types.h"

/* TSC ticks: of slice=, of a time in microseconds. */
u64 shared_slice(void);
u64 shared_ticks(u64 us);

/* The number of VPs of the CPU that has most. */
u32 shared_most(void);

/*
 * Lets VP n count in vp->spins until shared_stop(), with IF = 1 or, "dark",
 * with IF = 0; neither loop makes the VP exit. Returns once it counts.
 */
void shared_spin(u32 n);
void shared_spin_dark(u32 n);

/* Ends all of them and waits until VPs first … last are free. */
void shared_stop(u32 first, u32 last);

/* Waits so many ticks; other VPs of this CPU run meanwhile. */
void shared_wait(u64 ticks);

#endif
