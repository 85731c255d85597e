/* SPDX-License-Identifier: MIT */
/*
 * The flush protocol: one caller, many targets. docs/concurrency.md numbers
 * the steps. Work may be merged or widened, never dropped.
 */
#ifndef HV_CORE_FLUSH_FLUSH_H
#define HV_CORE_FLUSH_FLUSH_H

#include "base/types.h"
#include "core/state/vp.h"

#define FLUSH_PAGES_MAX 32 /* more pages than that: single-context */
#define FLUSH_LIST_SET_MAX                                                     \
	4 /* more targets than that: ranges only for those                     \
	     that are in guest mode */

enum flush_kind {
	FLUSH_FULL,
	FLUSH_NON_GLOBAL,
	FLUSH_RANGES,
};

/*
 * A decoded request: everything in it is valid. Its set of VPs is in
 * cpu->targets of the caller, one word per bank.
 */
struct flush_request {
	u64 banks; /* whose word is not zero; the other words are stale */
	enum flush_kind kind;
	bool self; /* the caller, which is not in the words, is a target too */
	/* FLUSH_RANGES only */
	u32 range_count;   /* at most FLUSH_QUEUE_MAX */
	const u64 *ranges; /* TLFS simple format, private copy */
};

#endif
