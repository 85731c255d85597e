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
 * Has `job` done by the CPU of `target`, another VP than `self`. True: it is
 * done, or refused because the target has stopped. False: the guest has to make
 * the call again. A result is for the call that is made again by the very next
 * instruction; that of any other is dropped, as the target may have gone on
 * before this call began. Called in root mode, with the VMCS of `self` current
 * and the run word even.
 */
bool reg_request_call(struct vp *self, struct vp *target, struct reg_job *job);

/*
 * True if the next instruction of `self` is a call that must be executed before
 * any event, since it could be repeated for ever otherwise: its result is
 * there, or it has missed too many. Called on the CPU of `self`.
 */
bool reg_request_goes_first(const struct vp *self);

/*
 * Serves requests to `target`, one at least, until budget_spent(); for the rest
 * it posts the event again. Called on the CPU of `target`, with its VMCS
 * current and the run word even.
 */
void reg_request_serve(struct vp *target);

/* Answers INVALID_VP_STATE to all, since `target` stops. Called on its CPU. */
void reg_request_stop(struct vp *target);

/* The same for VPs that asked after that. Any CPU may call it. */
void reg_request_refuse(struct vp *target);

#endif
