/* SPDX-License-Identifier: MIT */
/* Starting the machine again. */
#ifndef HV_X86_RESET_H
#define HV_X86_RESET_H

#include "base/types.h"

/*
 * Waits for the UART, then resets the machine by the keyboard controller, by
 * the chipset's port, or by a triple fault. Any state; other CPUs are not
 * stopped before.
 */
void reset_now(void) __noreturn;

#endif
