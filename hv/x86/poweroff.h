/* SPDX-License-Identifier: MIT */
/* The end. */
#ifndef HV_X86_POWEROFF_H
#define HV_X86_POWEROFF_H

#include "base/types.h"
#include "handoff.h"

/* Notes how; keeps no pointer to `handoff`. */
void poweroff_init(const struct handoff *handoff);

/*
 * Waits for the UART, then tries ACPI S5, then each port of the configuration;
 * if the machine is still on, halts this CPU. Any state; other CPUs are not
 * stopped before.
 */
void poweroff_now(void) __noreturn;

/* Halts this CPU for ever; NMIs do not wake it for good. */
void poweroff_halt(void) __noreturn;

#endif
