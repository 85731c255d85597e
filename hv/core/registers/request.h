/* SPDX-License-Identifier: MIT */
/*
 * Registers of another VP: only its own CPU may touch them, so the VP that asks
 * leaves a request with it and makes its call again until that is done. Nobody
 * waits in root mode, so A may ask B while B asks A.
 *
 * The states of the VP that asks:
 *
 *          CALL             ANSWER               CALL
 *     IDLE -----> WAITING ----------> ANSWERED -------> IDLE
 *                  |   ^                 |
 *            LEAVE |   | CALL            | LEAVE
 *                  v   |    ANSWER       v       CALL
 *                  AWAY ------------>  LATE ----------> WAITING
 *
 *     state      the request is   the VP
 *     IDLE       the asker's      asks nothing
 *     WAITING    the target's     makes its call again by its next instruction
 *     AWAY       the target's     has left its call
 *     ANSWERED   the asker's      as WAITING; its next call takes the answer
 *     LATE       the asker's      as AWAY; no call takes the answer any more
 *
 * CALL    A register call of the VP, reg_request_call(). With another question
 *         it leads from ANSWERED to WAITING. If its target has stopped, it
 *         leads to IDLE where the request is the asker's.
 * LEAVE   An event is prepared for the VP's next entry, INIT comes, or another
 *         VP sets its RIP: reg_request_leave() in state/vp.h. That it went
 *         elsewhere in any other way is found at its next call.
 * ANSWER  The target's CPU has served the request, or refused it because the
 *         target stops: serve.c. If the request came after that, the next CALL
 *         refuses it first.
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

#endif
