/* SPDX-License-Identifier: MIT */
/* Target's side of a flush: take the work, then INVVPID. */
#include "core/flush_drain.h"

#include "core/flush_range.h"
#include "core/machine.h"
#include "core/run.h"

static void invalidate_context(struct vp *vp)
{
	port_invvpid(machine.invvpid_single ? INVVPID_SINGLE : INVVPID_ALL, vp,
		     (gva_t){0});
}

static void invalidate_non_global(struct vp *vp)
{
	if (machine.invvpid_retain_globals) {
		port_invvpid(INVVPID_SINGLE_RETAIN_GLOBALS, vp, (gva_t){0});
	} else {
		invalidate_context(vp);
	}
}

/*
 * SDM 3C, "INVVPID", promises for type 0 only the translation of the address
 * named. A guest 2 MiB page over a split EPT region has several fragments, so
 * such partitions take the whole context, unless flush-exact says otherwise.
 */
static bool addresses_are_exact(const struct partition *p)
{
	return machine.invvpid_address &&
	       (!ept_is_split(&p->ept) || p->config->flush_exact);
}

/* Pages of all ranges, counted no further than the limit needs. */
static u64 count_pages(const u64 *ranges, u32 count)
{
	u64 pages = 0;

	for (u32 i = 0; i < count && pages <= FLUSH_PAGES_MAX; i++) {
		pages += flush_range_cut(ranges[i]).pages;
	}
	return pages;
}

static void invalidate_ranges(struct vp *vp, const u64 *ranges, u32 count)
{
	if (!addresses_are_exact(vp->partition) ||
	    count_pages(ranges, count) > FLUSH_PAGES_MAX) {
		invalidate_context(vp);
		return;
	}
	for (u32 i = 0; i < count; i++) {
		struct flush_range range = flush_range_cut(ranges[i]);

		for (u64 page = 0; page < range.pages; page++) {
			gva_t gva = {range.base + page * PAGE_SIZE};

			port_invvpid(INVVPID_ADDRESS, vp, gva);
		}
	}
}

void flush_execute(struct vp *vp, enum flush_kind kind, const u64 *ranges,
		   u32 count)
{
	switch (kind) {
	case FLUSH_FULL:
		invalidate_context(vp);
		break;
	case FLUSH_NON_GLOBAL:
		invalidate_non_global(vp);
		break;
	case FLUSH_RANGES:
		invalidate_ranges(vp, ranges, count);
		break;
	}
}

/* Test first: the LOCK AND is paid only where the bit is set. */
static bool take_bit(u64 *word, u64 bit)
{
	if (!(__atomic_load_n(word, __ATOMIC_RELAXED) & bit)) {
		return false;
	}
	__atomic_fetch_and(word, ~bit, __ATOMIC_SEQ_CST);
	return true;
}

/* Empties the queue into `out`; returns how many there were. */
static u32 take_queue(struct flush_queue *queue, u64 out[FLUSH_QUEUE_MAX])
{
	u32 count;

	if (__atomic_load_n(&queue->count, __ATOMIC_RELAXED) == 0) {
		return 0;
	}
	lock_acquire(&queue->lock);
	count = queue->count;
	for (u32 i = 0; i < count; i++) {
		out[i] = queue->ranges[i];
	}
	__atomic_store_n(&queue->count, 0, __ATOMIC_RELAXED);
	lock_release(&queue->lock);
	return count;
}

/* FULL absorbs all; FULL_NONGLOBAL absorbs only itself (A14). */
void flush_drain(struct vp *vp)
{
	struct partition *p = vp->partition;
	u64 ranges[FLUSH_QUEUE_MAX];
	bool full = take_bit(&p->flush_full[vp->bank], vp->bank_bit);
	bool non_global = take_bit(&p->flush_nonglobal[vp->bank], vp->bank_bit);
	u32 count = take_queue(&vp->queue, ranges);

	if (full) {
		flush_execute(vp, FLUSH_FULL, NULL, 0);
	} else {
		if (non_global) {
			flush_execute(vp, FLUSH_NON_GLOBAL, NULL, 0);
		}
		if (count != 0) {
			flush_execute(vp, FLUSH_RANGES, ranges, count);
		}
	}
	vp->flushes_done += full || non_global || count != 0;
}
