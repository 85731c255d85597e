/* SPDX-License-Identifier: MIT */
/* The one bounded wait for another CPU. rule: bounded-waits */
#ifndef HV_CORE_CPU_WAIT_H
#define HV_CORE_CPU_WAIT_H

#include "base/types.h"

/*
 * Waits until *word, which another CPU writes, differs from `was`: not until it
 * has a certain value, which may never be seen. False if it has not changed
 * after 100 ms, or if a CPU has panicked: the caller panics. Called in root
 * mode, with the run word of this CPU even.
 */
bool wait_for_change(const u64 *word, u64 was) __must_check;

#endif
