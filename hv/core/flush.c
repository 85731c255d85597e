/* SPDX-License-Identifier: MIT */
/*
 * Caller's side of a flush: announce, put the work, kick, wait. The target's
 * side is flush_drain.c.
 */
#include "core/flush.h"

#include "core/flush_drain.h"
#include "core/flush_put.h"
#include "core/inhibit.h"
#include "core/machine.h"
#include "core/run.h"

/* Kick every CPU that runs a target, all of them first, then wait. */
static void kick_targets(struct vp *self, const struct flush_request *request)
{
	u64 partition_bits = FIELD_PREP(RUN_PARTITION, self->partition->number);
	struct run_waits waits;

	waits.count = 0;
	for (u32 i = 0; i < machine.cpu_count; i++) {
		struct cpu *cpu = machine.cpus[i];
		u64 word = run_read(cpu);

		/* model: C3 kick_targets */
		if (flush_word_is_target(word, partition_bits, request)) {
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
	   for our odd flush_seq, or we see its count
	   model: B1 C1 flush_remote */
	__atomic_exchange_n(&cpu->flush_seq, cpu->flush_seq + 1,
			    __ATOMIC_SEQ_CST);
	if (UNLIKELY(__atomic_load_n(&self->partition->inhibit_count,
				     __ATOMIC_ACQUIRE) != 0)) {
		inhibited = inhibit_find(self, request);
	}
	if (LIKELY(inhibited == NULL)) {
		flush_put(self, request);
		/* pairs with run_enter(): it sees our work, or we see its odd
		   word. model: B3 flush_remote */
		__atomic_thread_fence(__ATOMIC_SEQ_CST);
		kick_targets(self, request);
	}
	/* before a suspension too. model: C17 flush_remote */
	__atomic_store_n(&cpu->flush_seq, cpu->flush_seq + 1, __ATOMIC_RELEASE);
	return inhibited;
}

struct vp *flush_perform(struct vp *self, struct flush_request *request)
{
	bool self_bank = (request->banks & BIT(self->bank)) != 0;
	bool self_in = self_bank &&
		       (request->targets[self->bank] & self->bank_bit) != 0;
	struct vp *inhibited = NULL;

	/* model: C26 flush_perform */
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
