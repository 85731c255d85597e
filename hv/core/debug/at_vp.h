/* SPDX-License-Identifier: MIT */
/*
 * A command that runs on the CPU of a VP, because only that CPU has its VMCS.
 * There is one such command at a time. One word hands it over: the shell posts
 * it, the VP's CPU runs the function once when it services the VP and hands it
 * back; nobody waits. rule: inspection-changes-hands
 */
#ifndef HV_CORE_DEBUG_AT_VP_H
#define HV_CORE_DEBUG_AT_VP_H

#include "core/debug/command.h"

enum debug_at_vp {
	DEBUG_AT_VP_NONE,     /* it was not posted, or was given up */
	DEBUG_AT_VP_WAITS,    /* the VP's CPU has it */
	DEBUG_AT_VP_ANSWERED, /* *call has its text, cursor and end */
};

/* Forgets everything. Before launch. */
void debug_at_vp_init(void);

/*
 * Posts the next call of a command to the CPU of call->vp. False: that CPU, or
 * another one, still has a call, or somebody has not fetched his answer. Boot
 * CPU only, like the next two.
 */
bool debug_at_vp_post(const struct debug_call *call) __must_check;

/* What has become of *call; with ANSWERED the next one can be posted. */
enum debug_at_vp debug_at_vp_poll(struct debug_call *call) __must_check;

/*
 * The answer to *call is not wanted any more. The CPU keeps the call until it
 * serves it.
 */
void debug_at_vp_give_up(const struct debug_call *call);

/* The VP whose CPU has a call, or NULL. */
const struct vp *debug_at_vp_owner(void);

/*
 * The event INSPECT of `vp`, in any state of the VP. Called on its own CPU,
 * with its VMCS current and the run word even. Changes nothing of the VP.
 */
void debug_at_vp_serve(struct vp *vp);

#endif
