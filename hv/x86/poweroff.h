/* SPDX-License-Identifier: MIT */
/* Power-off. */
#ifndef HV_X86_POWEROFF_H
#define HV_X86_POWEROFF_H

#include "base/types.h"
#include "handoff.h"

/* Notes how to power off; keeps no pointer to `handoff`. */
void poweroff_init(const struct handoff *handoff);

/*
 * Waits for the UART, then tries ACPI S5, then each port of the configuration;
 * if the machine is still on, halts this CPU. Any state; other CPUs are not
 * stopped before.
 */
void poweroff_now(void) __noreturn;

/* Halts this CPU for ever; after an NMI it halts again. */
void poweroff_halt(void) __noreturn;

#endif
