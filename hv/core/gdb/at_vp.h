/* SPDX-License-Identifier: MIT */
/*
 * The debugger's side at a VP. All functions are called on the VP's own CPU,
 * with its VMCS current and the run word even, for VPs of a partition with
 * `gdb` only, unless they say otherwise.
 */
#ifndef HV_CORE_GDB_AT_VP_H
#define HV_CORE_GDB_AT_VP_H

#include "core/state/gdb.h"
#include "core/state/vp.h"

/* Is a debugger configured for its partition? */
bool gdb_at_vp_is_on(const struct vp *vp);

/*
 * The event GDB: takes over hardware breakpoints, prepares a step, reads or
 * writes registers. It comes before HOLD, so that all this is done when the VP
 * is let go.
 */
void gdb_at_vp_serve(struct vp *vp);

/* INIT has reset the debug registers. Any partition. */
void gdb_at_vp_init(struct vp *vp);

/*
 * Before an entry of a VP that is stepping, when its state is decided: was the
 * instruction emulated, or did it suspend the VP? Then the partition stops.
 */
void gdb_at_vp_look(struct vp *vp);

/*
 * #BP at RIP; #DB with the pending conditions of the exit qualification. True:
 * it was the debugger's alone, and the partition stops; RIP stays. False: the
 * guest has to get it. Any partition.
 */
bool gdb_at_vp_break(struct vp *vp) __must_check;
bool gdb_at_vp_debug(struct vp *vp, u64 qualification) __must_check;

#endif
