/* SPDX-License-Identifier: MIT */
/* Moves console bytes between guests and COM1 without waiting for the UART. */
#ifndef HV_CORE_EMULATE_CONSOLE_H
#define HV_CORE_EMULATE_CONSOLE_H

#include "base/types.h"

struct cpu;

/*
 * Sends the log bytes that the UART takes at once; on the boot CPU it also
 * hands received bytes to the first partition's serial port. Called in root
 * mode, with the run word even.
 */
void console_poll(struct cpu *cpu);

/* TSC at which an idle CPU has to poll again; ~0: never. */
u64 console_next_poll(const struct cpu *cpu);

#endif
