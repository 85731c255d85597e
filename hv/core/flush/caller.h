/* SPDX-License-Identifier: MIT */
/* The caller's side of a flush. */
#ifndef HV_CORE_FLUSH_CALLER_H
#define HV_CORE_FLUSH_CALLER_H

#include "core/state/flush_request.h"
#include "core/state/vp.h"

/* More targets than that: ranges only for those that are in guest mode. */
#define FLUSH_LIST_SET_MAX 4

enum flush_end {
	FLUSH_DONE = 0,
	/* a target is inhibited, and noted in self->own.waits_for; nothing was
	   flushed, and the caller has to be suspended */
	FLUSH_INHIBITED = 0x10000, /* more than any status of a call */
};

/*
 * Executes the request for `self`'s partition: after FLUSH_DONE no target uses
 * a translation that it cached before the call. Called in root mode on the CPU
 * of `self`, with the run word even and no lock held.
 */
enum flush_end flush_run(struct vp *self,
			 const struct flush_request *request) __must_check;

/*
 * Puts the request where `self` looks before its next entry. Called on its own
 * CPU; the queue is taken by this CPU only, so it overflows to a full flush at
 * worst.
 */
void flush_put_own(struct vp *self, const struct flush_request *request);

#endif
