/* SPDX-License-Identifier: MIT */
/* The rate of the time-stamp counter, and waiting by it. */
#ifndef HV_X86_TSC_H
#define HV_X86_TSC_H

#include "base/types.h"
#include "handoff.h"

/*
 * Fills machine.tsc_hz: what the configuration says, else measured against the
 * ACPI PM timer, else against the PIT. Never from CPUID leaf 15H: emulators
 * show the values of another machine there. Panics if neither clock moves.
 */
void tsc_init(const struct handoff *handoff);

/* Waits at least `us` microseconds. Pre: tsc_init(). */
void tsc_wait_us(u32 us);

#endif
