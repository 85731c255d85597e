/* SPDX-License-Identifier: MIT */
/*
 * Registers of another VP: only its own CPU may touch them, so the caller
 * leaves a request with it and makes its call again until that is done. Nobody
 * waits in root mode, so A may ask B while B asks A.
 */
#ifndef HV_CORE_REGISTERS_REQUEST_H
#define HV_CORE_REGISTERS_REQUEST_H

#include "core/registers/registers.h"

/* A page holds the longest input of 0x0051 and the longest output of 0x0050. */
#define REG_REQUEST_SETS 127
#define REG_REQUEST_GETS 256

enum reg_request_state {
	REG_REQUEST_IDLE,   /* the caller's */
	REG_REQUEST_POSTED, /* the target's */
	REG_REQUEST_DONE,   /* the caller's again */
};

/* Of the VP that asks; it has one call at a time. */
struct reg_request {
	u32 state; /* atomic; hands the rest over */
	struct vp *target;
	bool waits; /* the caller has executed nothing since it asked */
	u32 missed; /* results of this question that it came too late for */
	u64 exit;   /* its exit that asked last, … */
	u64 rip;    /* … from where, … */
	u64 rsp;    /* … and which of its threads */
	struct vp *next; /* in the target's list: the next one who asks */
	struct reg_job job;
	union {
		struct hv_register_assoc assocs[REG_REQUEST_SETS];
		struct {
			struct hv_register_value values[REG_REQUEST_GETS];
			u32 names[REG_REQUEST_GETS];
		};
	};
};

/*
 * `job` for `target`, another VP than `self`. True: it is done, or refused
 * because the target has stopped. False: make the call again. A result is for
 * the call that is made again by the very next instruction; that of any other
 * is dropped, as the target may have gone on before this call began. Root mode,
 * VMCS of `self` current, run word even.
 */
bool reg_request_call(struct vp *self, struct vp *target, struct reg_job *job);

/* `self` goes on elsewhere than at its call. Its own CPU. */
void reg_request_leave(struct vp *self);

/*
 * The next instruction is a call that goes before any event, as it would be
 * made for ever: its result is there, or it has missed too many. Own CPU.
 */
bool reg_request_goes_first(const struct vp *self);

/*
 * Requests to `target`, one at least, until hc_budget_spent(); for the rest it
 * posts the event again. Its own CPU, VMCS current, run word even.
 */
void reg_request_serve(struct vp *target);

/* Answers INVALID_VP_STATE to all: `target` stops. Its own CPU. */
void reg_request_stop(struct vp *target);

/* The same for those who asked behind that. Any CPU. */
void reg_request_refuse(struct vp *target);

#endif
