/* SPDX-License-Identifier: MIT */
/*
 * Where the work of a flush is put: a FULL bit of each target, or the ranges
 * into its queue. Merged or widened, never dropped.
 */
#include "core/flush/put.h"

#include "core/cpu/run_word.h"
#include "core/state/machine.h"

/* Adds the ranges to one VP's queue; overflow becomes a full flush. */
static void put_queue(struct vp *vp, const struct flush_request *request)
{
	struct flush_queue *queue = &vp->shared.queue;
	bool fits;

	lock_acquire(&queue->lock); /* rule: lock-queue-to-put */
	fits = queue->count + request->range_count <= FLUSH_QUEUE_MAX;
	if (LIKELY(fits)) {
		for (u32 i = 0; i < request->range_count; i++) {
			queue->ranges[queue->count + i] = request->ranges[i];
		}
		__atomic_store_n(&queue->count,
				 queue->count + request->range_count,
				 __ATOMIC_RELAXED);
	}
	lock_release(&queue->lock);
	if (UNLIKELY(!fits)) {
		/* rule: overflow-becomes-full */
		__atomic_fetch_or(vp->flush_full, vp->bank_bit,
				  __ATOMIC_SEQ_CST);
	}
}

bool flush_set_is_large(const u64 *targets, u64 banks)
{
	u32 count = 0;

	for (u64 left = banks; left != 0; left &= left - 1) {
		u32 bank = (u32)__builtin_ctzll(left);

		for (u64 vps = targets[bank]; vps != 0; vps &= vps - 1) {
			if (count++ == FLUSH_LIST_SET_MAX) {
				return true;
			}
		}
	}
	return false;
}

static void put_queues(const struct vp *self,
		       const struct flush_request *request)
{
	const struct partition *p = self->partition;

	for (u64 left = request->banks; left != 0; left &= left - 1) {
		u32 bank = (u32)__builtin_ctzll(left);

		for (u64 vps = self->cpu->targets[bank]; vps != 0;
		     vps &= vps - 1) {
			u32 bit = (u32)__builtin_ctzll(vps);

			put_queue(partition_vp(p, bank * 64 + bit), request);
		}
	}
}

/*
 * A large set: ranges for the VPs that seem to be in guest mode, the FULL bit
 * for all others. The cost depends on the CPUs, not on the VPs. The run words
 * are only a hint here: either kind of work is correct for any VP.
 */
static void put_running(const struct vp *self,
			const struct flush_request *request)
{
	struct partition *p = self->partition;
	u64 *targets = self->cpu->targets;
	u32 running[CPUS_MAX];
	u32 count = 0;

	for (u32 i = 0; i < machine.cpu_count; i++) {
		u64 word = run_read(machine.cpus[i]);
		u32 index = (u32)FIELD_GET(RUN_VP_INDEX, word);

		if (flush_word_is_target(word, self->run_own, request->banks,
					 self->cpu)) {
			targets[index / 64] &= ~BIT(index % 64);
			running[count++] = index;
		}
	}
	flush_put_bits(p->flush_full, targets, request->banks);
	for (u32 i = 0; i < count; i++) {
		targets[running[i] / 64] |= BIT(running[i] % 64);
		put_queue(partition_vp(p, running[i]), request);
	}
}

static void put_ranges(const struct vp *self,
		       const struct flush_request *request)
{
	if (!flush_set_is_large(self->cpu->targets, request->banks)) {
		put_queues(self, request);
	} else {
		put_running(self, request);
	}
	/* rule: ranges-before-run-words */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

/* Not inlined: most flushes are full ones, and put_running() has a big frame.
 */
__attribute__((noinline)) void flush_put(const struct vp *self,
					 const struct flush_request *request)
{
	struct partition *p = self->partition;

	if (request->kind == FLUSH_RANGES) {
		put_ranges(self, request);
	} else {
		flush_put_bits(p->flush_nonglobal, self->cpu->targets,
			       request->banks);
	}
}
