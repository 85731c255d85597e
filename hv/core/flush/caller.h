/* SPDX-License-Identifier: MIT */
/* The caller's side of a flush. */
#ifndef HV_CORE_FLUSH_CALLER_H
#define HV_CORE_FLUSH_CALLER_H

#include "core/flush/flush.h"
#include "core/flush/target.h"

/*
 * Takes the caller out of the set in cpu->targets, and notes in the request
 * whether it was in it.
 */
void flush_take_self(const struct vp *self, struct flush_request *request);

/*
 * The part of flush_run() for other VPs, and for the caller if it is a target
 * too. Not inline: a flush of the caller alone needs no frame.
 */
struct vp *flush_others(struct vp *self, const struct flush_request *request);

/*
 * Executes the request for `self`'s partition: on return no target uses a
 * translation that it cached before the call. Returns NULL, or a target that is
 * inhibited: then nothing was flushed, and the caller has to be suspended.
 * Called in root mode on the CPU of `self`, with the run word even and no lock
 * held.
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
