/* SPDX-License-Identifier: MIT */
/*
 * Caller's side of a flush: announce, put the work, kick, wait. The target's
 * side is flush_drain.c.
 */
#include "core/flush.h"

#include "core/flush_drain.h"
#include "core/inhibit.h"
#include "core/machine.h"
#include "core/run.h"
#include "core/step.h"

/* LOCK OR of whole bank words: each is a full barrier. */
static void put_bits(u64 *words, const struct flush_request *request)
{
	for (u64 left = request->banks; left != 0; left &= left - 1) {
		u32 bank = (u32)__builtin_ctzll(left);

		__atomic_fetch_or(&words[bank], request->targets[bank],
				  __ATOMIC_SEQ_CST);
	}
}

/* Adds the ranges to one VP's queue; overflow becomes a full flush. */
static void put_queue(struct vp *vp, const struct flush_request *request)
{
	struct flush_queue *queue = &vp->queue;
	bool fits;

	lock_acquire(&queue->lock);
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
		__atomic_fetch_or(vp->flush_full, vp->bank_bit,
				  __ATOMIC_SEQ_CST);
	}
}

/* False once the set proves larger than FLUSH_LIST_SET_MAX. */
static bool put_ranges(const struct partition *p,
		       const struct flush_request *request)
{
	u32 done = 0;

	for (u64 left = request->banks; left != 0; left &= left - 1) {
		u32 bank = (u32)__builtin_ctzll(left);

		for (u64 vps = request->targets[bank]; vps != 0;
		     vps &= vps - 1) {
			u32 bit = (u32)__builtin_ctzll(vps);

			if (done++ == FLUSH_LIST_SET_MAX) {
				return false;
			}
			put_queue(partition_vp(p, bank * 64 + bit), request);
		}
	}
	return true;
}

static void put_work(struct partition *p, const struct flush_request *request)
{
	switch (request->kind) {
	case FLUSH_RANGES:
		if (put_ranges(p, request)) {
			break;
		}
		put_bits(p->flush_full, request);
		break;
	case FLUSH_NON_GLOBAL:
		put_bits(p->flush_nonglobal, request);
		break;
	case FLUSH_FULL:
		put_bits(p->flush_full, request);
		break;
	}
}

/* Does the run word name a VP of the set that is in guest mode? */
static bool word_is_target(u64 word, u64 partition_bits,
			   const struct flush_request *request)
{
	u64 bank = FIELD_GET(GENMASK(11, 6), word);

	return (word & RUN_GUEST) && (word & RUN_PARTITION) == partition_bits &&
	       (request->banks & BIT(bank)) &&
	       (request->targets[bank] & BIT(word & 63));
}

/* Kick every CPU that runs a target, all of them first, then wait. */
static void kick_targets(struct vp *self, const struct flush_request *request)
{
	u64 partition_bits = FIELD_PREP(RUN_PARTITION, self->partition->number);
	struct run_waits waits;

	waits.count = 0;
	for (u32 i = 0; i < machine.cpu_count; i++) {
		struct cpu *cpu = machine.cpus[i];
		u64 word = run_read(cpu);

		if (word_is_target(word, partition_bits, request)) {
			run_kick(&waits, self->cpu, cpu, word);
		}
	}
	run_wait_all(&waits);
}

/*
 * NULL, or the inhibited target that has to be waited for. Not inlined: a
 * flush of the caller alone should not pay for its frame.
 */
static __attribute__((noinline)) struct vp *
flush_remote(struct vp *self, const struct flush_request *request)
{
	struct cpu *cpu = self->cpu;
	struct vp *inhibited = NULL;

	/* announce: odd, full barrier; pairs with inhibit_enter(): it waits
	   for our odd flush_seq, or we see its count */
	__atomic_exchange_n(&cpu->flush_seq, cpu->flush_seq + 1,
			    __ATOMIC_SEQ_CST);
	if (UNLIKELY(__atomic_load_n(&self->partition->inhibit_count,
				     __ATOMIC_ACQUIRE) != 0)) {
		inhibited = inhibit_find(self, request);
	}
	if (LIKELY(inhibited == NULL)) {
		put_work(self->partition, request);
		/* pairs with run_enter(): it sees our work, or we see its odd
		   word */
		__atomic_thread_fence(__ATOMIC_SEQ_CST);
		kick_targets(self, request);
	}
	__atomic_store_n(&cpu->flush_seq, cpu->flush_seq + 1, __ATOMIC_RELEASE);
	if (UNLIKELY(inhibited != NULL)) {
		port_step(STEP_FLUSH_ENDED);
	}
	return inhibited;
}

struct vp *flush_perform(struct vp *self, struct flush_request *request)
{
	bool self_bank = (request->banks & BIT(self->bank)) != 0;
	bool self_in = self_bank &&
		       (request->targets[self->bank] & self->bank_bit) != 0;
	struct vp *inhibited = NULL;

	if (self_in) {
		request->targets[self->bank] &= ~self->bank_bit;
	}
	if (self_bank && request->targets[self->bank] == 0) {
		request->banks &= ~BIT(self->bank);
	}
	if (request->banks != 0) {
		inhibited = flush_remote(self, request);
	}
	/* the caller is in root mode: its own TLB needs no queue and no kick */
	if (self_in && LIKELY(inhibited == NULL)) {
		flush_execute(self, request->kind, request->ranges,
			      request->range_count);
	}
	return inhibited;
}
