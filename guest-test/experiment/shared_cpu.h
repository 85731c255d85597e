/* SPDX-License-Identifier: MIT */
/*
 * VPs that share a CPU: how long a slice is, who the neighbours are, and the
 * VP that spins as long as it is told to.
 */
#ifndef GUEST_TEST_EXPERIMENT_SHARED_CPU_H
#define GUEST_TEST_EXPERIMENT_SHARED_CPU_H

#include "base/types.h"

/* TSC ticks of slice=, and of a time in microseconds. */
u64 shared_slice(void);
u64 shared_ticks(u64 us);

/* Most VPs that one CPU has. */
u32 shared_most(void);

/*
 * Jobs that count in vp->spins until shared_stop(): open to interrupts, or dark
 * (IF = 0); neither makes the VP exit. Returns once VP n counts.
 */
void shared_spin(u32 n);
void shared_spin_dark(u32 n);

/* Ends all of them and waits until VPs first … last are free. */
void shared_stop(u32 first, u32 last);

/* Waits so many ticks; others of this CPU go first. */
void shared_wait(u64 ticks);

#endif
