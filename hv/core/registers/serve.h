/* SPDX-License-Identifier: MIT */
/*
 * Requests at their target: the event ANSWER of core/registers/request.h, for
 * each VP that asks.
 */
#ifndef HV_CORE_REGISTERS_SERVE_H
#define HV_CORE_REGISTERS_SERVE_H

#include "core/state/vp.h"

/*
 * Puts the request of `self`, which is POSTED, onto the list of `target`.
 * Called on the CPU of `self`.
 */
void reg_request_push(struct vp *self, struct vp *target);

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
