/* SPDX-License-Identifier: MIT */
/*
 * One instruction of a VP, by the trap flag: the CPU raises #DB after it, which
 * exits. The guest sees neither the flag nor the #DB. While a step is under
 * way, every exception exits, so that the flag is never in what an exception
 * pushes; an exception or interrupt that the step begins with is delivered
 * alone, and the step ends at the first instruction of its handler. All
 * functions are called on the VP's own CPU, with its VMCS current and the run
 * word even.
 */
#ifndef HV_CORE_GDB_STEP_H
#define HV_CORE_GDB_STEP_H

#include "base/types.h"

struct vp;

void gdb_step_begin(struct vp *vp);

/* Nothing of the step is left in the VP. Does nothing if there is none. */
void gdb_step_end(struct vp *vp);

/*
 * Before an entry, when the VP's state is decided: true if the step is over,
 * because RIP has moved. Else prepares the entry.
 */
bool gdb_step_is_over(struct vp *vp) __must_check;

/*
 * True if the single-step trap that is due is the debugger's alone; for exits
 * whose instruction was emulated.
 */
bool gdb_step_hides_trap(const struct vp *vp);

#endif
