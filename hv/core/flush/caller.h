/* SPDX-License-Identifier: MIT */
/* The caller's side of a flush. */
#ifndef HV_CORE_FLUSH_CALLER_H
#define HV_CORE_FLUSH_CALLER_H

#include "core/flush/flush.h"
#include "core/flush/target.h"

/* Takes the caller out of the words, and notes whether it was in. */
void flush_take_self(const struct vp *self, struct flush_request *request);

/*
 * The part for other VPs, and for the caller if it is a target too. Not inline:
 * a flush of the caller alone needs no frame.
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

#endif
