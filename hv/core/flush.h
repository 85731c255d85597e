/* SPDX-License-Identifier: MIT */
/*
 * The flush protocol: one caller, many targets. docs/concurrency.md numbers
 * the steps. Work may be merged or widened, never dropped.
 */
#ifndef HV_CORE_FLUSH_H
#define HV_CORE_FLUSH_H

#include "base/types.h"

struct vp;

#define FLUSH_PAGES_MAX 32 /* more pages than that: single-context */
#define FLUSH_LIST_SET_MAX                                                     \
	4 /* more targets than that: ranges only for those                     \
	     that are in guest mode */

enum flush_kind {
	FLUSH_FULL,
	FLUSH_NON_GLOBAL,
	FLUSH_RANGES,
};

/* A decoded request: nothing in it can be wrong any more. */
struct flush_request {
	u64 *targets; /* one word a bank; valid where `banks` says so */
	u64 banks;    /* banks whose word may be non-zero */
	enum flush_kind kind;
	bool self;         /* set by flush_perform(): the caller is a target */
	u32 range_count;   /* FLUSH_RANGES: at most FLUSH_QUEUE_MAX */
	const u64 *ranges; /* TLFS simple format, private copy */
};

/*
 * Executes the request for `self`'s partition: on return no target uses a
 * translation that it cached before the call. Or returns a target that is
 * inhibited: then nothing was flushed, and the caller has to be suspended.
 * Root mode of self's CPU, run word even, no lock held. Consumes `targets`.
 */
struct vp *flush_perform(struct vp *self, struct flush_request *request);

/*
 * Takes the work that waits for `vp` and executes its INVVPIDs. Own CPU, root
 * mode, run word even. From then on it is done, whatever the entry does (C13).
 */
void flush_drain(struct vp *vp);

#endif
