/* SPDX-License-Identifier: MIT */
/* The target's side of a flush: takes what callers have put, and executes it.
 */
#include "core/flush/target.h"

#include "core/flush/drop.h"
#include "core/flush/invalidate.h"
#include "core/state/vp.h"
#include "core/trace/record.h"

/* Test first: the LOCK AND is paid only where the bit is set. */
static bool take_bit(u64 *word, u64 bit)
{
	if (!(__atomic_load_n(word, __ATOMIC_RELAXED) & bit)) {
		return false;
	}
	__atomic_fetch_and(word, ~bit,
			   __ATOMIC_SEQ_CST); /* rule: take-bit-in-one-step */
	return true;
}

/* Empties the queue into `out`; returns how many there were. */
static u32 take_queue(struct flush_queue *queue,
		      u64 out[FLUSH_QUEUE_MAX_SHADOW])
{
	u32 count;

	if (__atomic_load_n(&queue->count, __ATOMIC_RELAXED) == 0) {
		return 0;
	}
	lock_acquire(&queue->lock); /* rule: lock-queue-to-take */
	count = queue->count;
	for (u32 i = 0; i < count; i++) {
		out[i] = queue->ranges[i];
	}
	__atomic_store_n(&queue->count, 0, __ATOMIC_RELAXED);
	lock_release(&queue->lock);
	return count;
}

/* FULL absorbs all work; FULL_NONGLOBAL absorbs only itself.
   rule: full-absorbs-all */
void flush_drain(struct vp *vp)
{
	u64 invvpids = vp->own.invvpid_count;
	/* rule: take-then-execute */
	u64 ranges[FLUSH_QUEUE_MAX_SHADOW];
	bool full = take_bit(vp->flush_full, vp->bank_bit);
	bool non_global = take_bit(vp->flush_nonglobal, vp->bank_bit);
	u32 count = take_queue(&vp->shared.queue, ranges);

	if (UNLIKELY(vp->shadow != NULL)) {
		const struct drop_work work = {full, non_global, ranges, count};

		drop_work(vp, &work);
	} else if (full) {
		invalidate_all(vp);
	} else {
		if (non_global) {
			invalidate_non_global(vp);
		}
		if (count != 0) {
			invalidate_ranges(vp, ranges, count);
		}
	}
	if (full || non_global || count != 0) {
		vp->own.flushes_done++;
		record_put(vp, TRACE_DRAINED,
			   full | (u32)non_global << 1 | count << 16,
			   vp->own.invvpid_count - invvpids,
			   count == 0 ? 0 : ranges[0]);
	}
}
