/* SPDX-License-Identifier: MIT */
/* The console between guests and COM1, from places where nobody waits. */
#ifndef HV_CORE_EMULATE_CONSOLE_H
#define HV_CORE_EMULATE_CONSOLE_H

#include "base/types.h"

struct cpu;

/*
 * Sends waiting log bytes that the UART takes at once; on the boot CPU hands
 * received bytes to the first partition's UART. Root mode, run word even.
 */
void console_poll(struct cpu *cpu);

/* TSC at which an idle CPU should poll again; ~0: no need. */
u64 console_next_poll(const struct cpu *cpu);

#endif
