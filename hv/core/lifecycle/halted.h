/* SPDX-License-Identifier: MIT */
/*
 * The end of a partition that cannot go on: each of its VPs has executed HLT
 * with interrupts off, or waits for SIPI, and nobody is left who could send an
 * NMI, an INIT or a SIPI. Such a VP is `asleep`: only an event wakes it. Its
 * own CPU says so, in vp->own.asleep, and takes that back before it takes
 * events.
 */
#ifndef HV_CORE_LIFECYCLE_HALTED_H
#define HV_CORE_LIFECYCLE_HALTED_H

#include "core/state/vp.h"

struct partition;

#define HALTED_EXIT_CODE 124

/*
 * The VP has been serviced and is not runnable: notes whether it is asleep. If
 * all VPs of the partition are, no event waits for one of them, and no other
 * partition that runs may wake them, stops the partition: HALTED_EXIT_CODE,
 * reason `halted`. Called on the VP's own CPU, with its VMCS current.
 */
void halted_note(struct vp *vp);

/* Before events of a VP that is asleep are taken. Called on its own CPU. */
void halted_wake(struct vp *vp);

/*
 * The partition `ended` could wake VPs of others, and has stopped: has those
 * that sleep look again. Any CPU.
 */
void halted_look_again(const struct partition *ended);

#endif
