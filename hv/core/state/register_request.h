/* SPDX-License-Identifier: MIT */
/* What a VP asks of another one's registers: core/registers/request.h. */
#ifndef HV_CORE_STATE_REGISTER_REQUEST_H
#define HV_CORE_STATE_REGISTER_REQUEST_H

#include "base/types.h"
#include "tlfs/register.h"
#include "tlfs/status.h"

struct vp;

/* Elements of one call, for the VP that they are about. */
struct reg_job {
	bool is_set;
	u16 count; /* elements */
	u16 done;  /* of them, from the first on */
	enum hv_status status;
	const u32 *names;                       /* get */
	struct hv_register_value *values;       /* get: filled */
	const struct hv_register_assoc *assocs; /* set */
};

/* A page holds the longest input of 0x0051 and the longest output of 0x0050. */
#define REG_REQUEST_SETS 127
#define REG_REQUEST_GETS 256

/* Whose the request is: the word that hands it over. */
enum reg_request_state {
	REG_REQUEST_IDLE,   /* the asker's */
	REG_REQUEST_POSTED, /* the target's */
	REG_REQUEST_DONE,   /* the asker's again */
};

/* Of the VP that asks; it has one call at a time. */
struct reg_request {
	u32 state; /* atomic; hands the rest over */
	struct vp *target;
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

/* The call that waits for an answer: its VP makes it again, or leaves it. */
struct reg_call {
	bool is_next; /* false: the VP has left it */
	u64 exit;     /* the exit that made it last, … */
	u64 rip;      /* … from where, … */
	u64 rsp;      /* … and by which thread of the guest */
};

#endif
