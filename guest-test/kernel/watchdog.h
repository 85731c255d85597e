/* SPDX-License-Identifier: MIT */
/*
 * Nothing may wait for ever. Each check has a deadline; every wait loop of
 * every VP looks at it, and halted VPs have their timers set to it, so a hang
 * of one VP is reported by another.
 */
#ifndef GUEST_TEST_KERNEL_WATCHDOG_H
#define GUEST_TEST_KERNEL_WATCHDOG_H

#include "base/types.h"

#define WATCHDOG_VECTOR 0xf1

void watchdog_init(void);

/* A check begins: its time runs now. */
void watchdog_restart(void);

/* It has ended: until the next one nobody is late. */
void watchdog_stop(void);

/* In every wait loop: past the deadline it prints `# hang` and ends. */
void watchdog_poll(void);

/* This VP's APIC timer fires at the deadline, if it has TSC-deadline mode. */
void watchdog_arm(void);

#endif
