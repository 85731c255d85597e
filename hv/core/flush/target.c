/* SPDX-License-Identifier: MIT */
/* INVVPIDs: the target's side of a flush, and the caller's own part. */
#include "core/flush/target.h"

#include "core/flush/range.h"
#include "core/state/machine.h"
#include "core/state/vp.h"

static void invalidate_context(struct vp *vp)
{
	port_invvpid(machine.invvpid_context, vp, (gva_t){0});
}

static __attribute__((noinline)) void invalidate_non_global(struct vp *vp)
{
	if (machine.invvpid_retain_globals) {
		port_invvpid(INVVPID_SINGLE_RETAIN_GLOBALS, vp, (gva_t){0});
	} else {
		invalidate_context(vp);
	}
}

/*
 * Counts the pages of all ranges, canonical or not: a cheap upper bound that
 * decides nearly every call.
 */
static u64 count_raw_pages(const u64 *ranges, u32 count)
{
	u64 pages = 0;

	for (u32 i = 0; i < count; i++) {
		pages += (ranges[i] & HV_GVA_RANGE_EXTRA) + 1;
	}
	return pages;
}

static u64 count_pages(const u64 *ranges, u32 count)
{
	u64 pages = 0;

	for (u32 i = 0; i < count; i++) {
		pages += flush_range_cut(ranges[i]).pages;
	}
	return pages;
}

static bool fits_addresses(const u64 *ranges, u32 count)
{
	return count_raw_pages(ranges, count) <= FLUSH_PAGES_MAX ||
	       count_pages(ranges, count) <= FLUSH_PAGES_MAX;
}

static void invalidate_range(struct vp *vp, u64 raw_range)
{
	struct flush_range range = flush_range_cut(raw_range);

	for (u64 page = 0; page < range.pages; page++) {
		port_invvpid(INVVPID_ADDRESS, vp,
			     (gva_t){range.base + page * PAGE_SIZE});
	}
}

/* Neither is inlined: most flushes use single-context INVVPID. */
static __attribute__((noinline)) void
invalidate_ranges(struct vp *vp, const u64 *ranges, u32 count)
{
	if (!flush_is_exact(vp->partition) || !fits_addresses(ranges, count)) {
		invalidate_context(vp);
		return;
	}
	for (u32 i = 0; i < count; i++) {
		invalidate_range(vp, ranges[i]);
	}
}

void flush_invalidate(struct vp *vp, const struct flush_request *request)
{
	if (LIKELY(request->kind == FLUSH_FULL)) {
		invalidate_context(vp);
	} else if (request->kind == FLUSH_NON_GLOBAL) {
		invalidate_non_global(vp);
	} else {
		invalidate_ranges(vp, request->ranges, request->range_count);
	}
}

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
static u32 take_queue(struct flush_queue *queue, u64 out[FLUSH_QUEUE_MAX])
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
	/* rule: take-then-execute */
	u64 ranges[FLUSH_QUEUE_MAX];
	bool full = take_bit(vp->flush_full, vp->bank_bit);
	bool non_global = take_bit(vp->flush_nonglobal, vp->bank_bit);
	u32 count = take_queue(&vp->shared.queue, ranges);

	if (full) {
		invalidate_context(vp);
	} else {
		if (non_global) {
			invalidate_non_global(vp);
		}
		if (count != 0) {
			invalidate_ranges(vp, ranges, count);
		}
	}
	vp->own.flushes_done += full || non_global || count != 0;
}
