/* SPDX-License-Identifier: MIT */
/* The console of the boot before, where memory kept it. */
#ifndef HV_CORE_CONSOLE_BEFORE_H
#define HV_CORE_CONSOLE_BEFORE_H

#include "crash_log.h"

/*
 * Prints what `kept` has (NULL: nothing), forgets it, and records the console
 * there from here on. Boot CPU before launch; waits for the UART.
 */
void before_print(struct crash_log *kept);

#endif
