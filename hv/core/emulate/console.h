/* SPDX-License-Identifier: MIT */
/* Moves bytes between guests and the serial ports without waiting for these. */
#ifndef HV_CORE_EMULATE_CONSOLE_H
#define HV_CORE_EMULATE_CONSOLE_H

#include "base/types.h"

struct cpu;

/*
 * Sends the bytes that the UARTs take at once; on the boot CPU it also takes
 * over what guests could not hand on, and hands received bytes to whoever has
 * the line. True if something was received. Called by look_if_due() only.
 */
bool console_poll(const struct cpu *cpu);

/* Only sends. Any CPU, also in an exit handler. */
void console_send(void);

/*
 * TSC ticks until `cpu` has to poll again, and until guest mode has to end: the
 * time between two polls is at most twice that. Two polls of the boot CPU are
 * at most 460,000 ticks and 20 ms apart, and 8 character times while input
 * flows.
 */
u64 console_interval(const struct cpu *cpu, u64 now);

#endif
