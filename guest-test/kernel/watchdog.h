/* SPDX-License-Identifier: MIT */
/*
 * No wait may last for ever. Each check has a deadline. Every wait loop of
 * every VP looks at it, and the timer of a halted VP fires at it: so another VP
 * reports the hang of one.
 */
#ifndef GUEST_TEST_KERNEL_WATCHDOG_H
#define GUEST_TEST_KERNEL_WATCHDOG_H

#include "base/types.h"

#define WATCHDOG_VECTOR 0xf1

void watchdog_init(void);

/* A check begins: sets the deadline. */
void watchdog_restart(void);

/* The check has ended: there is no deadline until the next one begins. */
void watchdog_stop(void);

/* For every wait loop: after the deadline the run ends as a hang. */
void watchdog_poll(void);

/* This VP's APIC timer fires at the deadline, if it has TSC-deadline mode. */
void watchdog_arm(void);

#endif
