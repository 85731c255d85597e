/* SPDX-License-Identifier: MIT */
/*
 * Waiting. Every wait looks at the watchdog: nothing may wait for ever.
 */
#ifndef GUEST_TEST_KERNEL_RELAX_H
#define GUEST_TEST_KERNEL_RELAX_H

#include "kernel/watchdog.h"

/* One turn of a wait loop: PAUSE, and relax_yield(). */
void relax(void);

/* The other VPs of this CPU go first; does nothing unless VPs share CPUs. */
void relax_yield(void);

/* Waits until `cond` holds; other VPs of this CPU run meanwhile. */
#define wait_until(cond)                                                       \
	do {                                                                   \
		while (!(cond)) {                                              \
			watchdog_poll();                                       \
			relax();                                               \
		}                                                              \
	} while (0)

/* The same without PAUSE and VMCALL: the VP stays in guest mode. */
#define spin_until(cond)                                                       \
	do {                                                                   \
		while (!(cond)) {                                              \
			watchdog_poll();                                       \
		}                                                              \
	} while (0)

#endif
