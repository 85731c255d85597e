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
#include "core/step.h"

/* Kicks every CPU that runs a target; `waits` tells for whom to wait. */
static void kick_targets(struct vp *self, const struct flush_request *request,
			 struct run_waits *waits)
{
	u64 partition_bits = FIELD_PREP(RUN_PARTITION, self->partition->number);

	waits->count = 0;
	for (u32 i = 0; i < machine.cpu_count; i++) {
		struct cpu *cpu = machine.cpus[i];
		u64 word = run_read(cpu);

		/* model: C3 kick_targets */
		if (flush_word_is_target(word, partition_bits, request)) {
			run_kick(waits, self->cpu, cpu, word);
		}
	}
}

/* The caller is in root mode: its own TLB needs no queue and no kick. */
static void flush_self(struct vp *self, const struct flush_request *request)
{
	if (request->self) {
		flush_execute(self, request->kind, request->ranges,
			      request->range_count);
	}
}

static void kick_and_wait(struct vp *self, const struct flush_request *request)
{
	struct run_waits waits;

	kick_targets(self, request, &waits);
	flush_self(self, request); /* while they are on their way out */
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
		kick_and_wait(self, request);
	}
	/* before a suspension too. model: C17 flush_remote */
	__atomic_store_n(&cpu->flush_seq, cpu->flush_seq + 1, __ATOMIC_RELEASE);
	if (UNLIKELY(inhibited != NULL)) {
		port_step(STEP_FLUSH_ENDED);
	}
	return inhibited;
}

/* Takes the caller out of the set, and notes that it was in. */
static void take_self(struct vp *self, struct flush_request *request)
{
	u64 *bits = &request->targets[self->bank];

	request->self = false;
	if (!(request->banks & BIT(self->bank))) {
		return;
	}
	/* model: C26 take_self */
	request->self = (*bits & self->bank_bit) != 0;
	*bits &= ~self->bank_bit;
	if (*bits == 0) {
		request->banks &= ~BIT(self->bank);
	}
}

struct vp *flush_perform(struct vp *self, struct flush_request *request)
{
	take_self(self, request);
	if (request->banks != 0) {
		return flush_remote(self, request);
	}
	flush_self(self, request);
	return NULL;
}
