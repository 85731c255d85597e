/* SPDX-License-Identifier: MIT */
/*
 * Registers of another VP: only its own CPU may touch them, so the caller
 * leaves a request with it and makes its call again until that is done. Nobody
 * waits in root mode, so A may ask B while B asks A.
 */
#ifndef HV_CORE_REGISTERS_REQUEST_H
#define HV_CORE_REGISTERS_REQUEST_H

#include "core/state/vp.h"

/*
 * `job` for `target`, another VP than `self`. True: it is done, or refused
 * because the target has stopped. False: make the call again. A result is for
 * the call that is made again by the very next instruction; that of any other
 * is dropped, as the target may have gone on before this call began. Root mode,
 * VMCS of `self` current, run word even.
 */
bool reg_request_call(struct vp *self, struct vp *target, struct reg_job *job);

/*
 * The next instruction is a call that goes before any event, as it would be
 * made for ever: its result is there, or it has missed too many. Own CPU.
 */
bool reg_request_goes_first(const struct vp *self);

/*
 * Requests to `target`, one at least, until budget_spent(); for the rest it
 * posts the event again. Its own CPU, VMCS current, run word even.
 */
void reg_request_serve(struct vp *target);

/* Answers INVALID_VP_STATE to all: `target` stops. Its own CPU. */
void reg_request_stop(struct vp *target);

/* The same for those who asked after that. Any CPU. */
void reg_request_refuse(struct vp *target);

#endif
