/* SPDX-License-Identifier: MIT */
/*
 * What each CPU does from time to time whatever its VPs do, by an absolute
 * deadline: no kind of exit, and no lack of exits, puts it off.
 * docs/concurrency.md, section 7.2.
 */
#ifndef HV_CORE_RUN_LOOK_H
#define HV_CORE_RUN_LOOK_H

#include "base/types.h"

struct cpu;

/*
 * If the look of this CPU is due: moves the console's bytes, and notes when the
 * next look is due and how long guest mode may last until then. True if it
 * did. Called in root mode, with the run word even, outside of any exit
 * handler: what the console does may change any VP.
 */
bool look_if_due(struct cpu *cpu);

/*
 * TSC at which a CPU that has nothing to run has to look. While lines wait it
 * looks more often, since nobody is disturbed; without lines only the boot CPU
 * looks, others: ~0. Called before it halts.
 */
u64 look_before_idle(struct cpu *cpu);

#endif
