/* SPDX-License-Identifier: MIT */
/*
 * GVA ranges that wait for one VP: up to 32, more become a full flush. With a
 * software TLB each request begins with a header word, and two requests of 32
 * ranges fit.
 */
#ifndef HV_CORE_STATE_FLUSH_QUEUE_H
#define HV_CORE_STATE_FLUSH_QUEUE_H

#include "core/state/lock.h"

#define FLUSH_QUEUE_MAX        32 /* ranges of a request, too */
#define FLUSH_QUEUE_MAX_SHADOW (2 * (1 + FLUSH_QUEUE_MAX))

/* The header word: the request's ranges follow; no range: a space call */
#define FLUSH_WORD_COUNT      GENMASK(5, 0)
#define FLUSH_WORD_ALL_SPACES BIT(6)
#define FLUSH_WORD_NON_GLOBAL BIT(7) /* of a space call */
#define FLUSH_WORD_EXTENDED   BIT(8) /* the ranges' format */
#define FLUSH_WORD_SPACE      GENMASK(51, 12)

struct flush_queue {
	struct lock lock;
	u32 count; /* read without the lock as a hint */
	u32 max;   /* constant: FLUSH_QUEUE_MAX, or ..._SHADOW */
	u64 ranges[FLUSH_QUEUE_MAX_SHADOW]; /* TLFS simple format, or words */
};

#endif
