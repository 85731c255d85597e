/* SPDX-License-Identifier: MIT */
/* Up to 16 GVA ranges that wait for one VP; more become a full flush. */
#ifndef HV_CORE_STATE_FLUSH_QUEUE_H
#define HV_CORE_STATE_FLUSH_QUEUE_H

#include "core/state/lock.h"

#define FLUSH_QUEUE_MAX 16

struct flush_queue {
	struct lock lock;
	u32 count;                   /* read without the lock as a hint */
	u64 ranges[FLUSH_QUEUE_MAX]; /* TLFS simple format */
};

#endif
