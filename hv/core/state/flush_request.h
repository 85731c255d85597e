/* SPDX-License-Identifier: MIT */
/* What a flush call asks for: core/flush/caller.h. */
#ifndef HV_CORE_STATE_FLUSH_REQUEST_H
#define HV_CORE_STATE_FLUSH_REQUEST_H

#include "base/types.h"
#include "core/state/vp_set.h"

enum flush_kind {
	FLUSH_FULL,
	FLUSH_NON_GLOBAL,
	FLUSH_RANGES,
};

/* A decoded request: everything in it is valid. */
struct flush_request {
	struct vp_targets targets;
	enum flush_kind kind;
	/* FLUSH_RANGES only */
	u32 range_count;   /* at most FLUSH_QUEUE_MAX */
	const u64 *ranges; /* TLFS simple format, private copy; of a VP with a
			      software TLB a header word comes first */
};

#endif
