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
 * A decoded request: nothing in it can be wrong any more. Its set is in the
 * caller's cpu->targets, one word a bank.
 */
struct flush_request {
	u64 banks; /* whose word is not zero; the other words are stale */
	enum flush_kind kind;
	bool self; /* the caller, which is not in the words, is a target too */
	/* FLUSH_RANGES only */
	u32 range_count;   /* at most FLUSH_QUEUE_MAX */
	const u64 *ranges; /* TLFS simple format, private copy */
};

/* Takes the caller out of the words, and notes whether it was in. */
void flush_take_self(const struct vp *self, struct flush_request *request);

/*
 * Executes the INVVPIDs of a request for `vp`: individual-address for each page
 * up to FLUSH_PAGES_MAX, else single-context; fall-backs 3 → 1 → 2 and 0 → 1 →
 * 2 by capability. Own CPU, root mode: the caller's own part, no queue, no
 * kick.
 */
void flush_invalidate(struct vp *vp, const struct flush_request *request);

/*
 * The part for other VPs, and for the caller if it is a target. A function of
 * its own: a flush of the caller alone should not pay for its frame.
 */
struct vp *flush_others(struct vp *self, const struct flush_request *request);

/*
 * Executes the request for `self`'s partition: on return no target uses a
 * translation that it cached before the call. Or returns a target that is
 * inhibited: then nothing was flushed, and the caller has to be suspended.
 * Root mode of self's CPU, run word even, no lock held.
 */
static inline struct vp *flush_run(struct vp *self,
				   const struct flush_request *request)
{
	if (request->banks != 0) {
		return flush_others(self, request);
	}
	if (request->self) {
		flush_invalidate(self, request);
	}
	return NULL;
}

/*
 * Takes the work that waits for `vp` and executes its INVVPIDs. Own CPU, root
 * mode, run word even. From then on it is done, whatever the entry does (C13).
 */
void flush_drain(struct vp *vp);

#endif
