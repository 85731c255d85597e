/* SPDX-License-Identifier: MIT */
/* Waiting in root mode. */
#ifndef HV_X86_IDLE_H
#define HV_X86_IDLE_H

#include "core/state/cpu.h"

/*
 * Halts until an NMI (a kick), any interrupt, or TSC `deadline` (~0: none).
 * Returns at once if cpu->kicked is set. Contract with the caller, in order:
 * kicked = 0; run word with RUN_IDLE; full barrier; look for work, and only if
 * there is none call this; then take RUN_IDLE back and look again, since it may
 * return spuriously. Own CPU, IF = 0 before and after.
 */
void idle_wait(struct cpu *cpu, u64 deadline);

/* idle_halt.S: the window; `cpu` must be this CPU */
void idle_halt(void);

#endif
