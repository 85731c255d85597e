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

/* Kicks every CPU that runs a target; returns the end of `wait`. */
static inline struct run_wait *kick_targets(const struct vp *self,
					    const struct flush_request *request,
					    struct run_wait *wait)
{
	struct cpu *const *at = machine.cpus;
	struct cpu *const *end = at + machine.cpu_count;
	const u64 *targets = request->targets;
	u64 banks = request->banks;
	u64 own = RUN_GUEST | self->run_id;

	do {
		struct cpu *cpu = *at++;
		u64 word = run_read(cpu);

		/* model: C3 kick_targets */
		if (flush_word_is_target(word, own, banks, targets)) {
			run_kick(wait++, cpu, word);
		}
	} while (at != end);
	return wait;
}

static inline __attribute__((always_inline)) void
kick_and_wait(struct vp *self, const struct flush_request *request)
{
	struct run_wait waits[CPUS_MAX];
	const struct run_wait *end = kick_targets(self, request, waits);

	if (request->self) { /* while they are on their way out */
		flush_self(self, request);
	}
	run_wait_all(self->cpu, waits, end);
}

/* flush_seq even again: before a suspension too. */
static inline void end_flush(struct cpu *cpu)
{
	/* model: C17 end_flush */
	__atomic_store_n(&cpu->flush_seq, cpu->flush_seq + 1, __ATOMIC_RELEASE);
}

struct vp *flush_remote(struct vp *self, const struct flush_request *request)
{
	struct cpu *cpu = self->cpu;
	struct vp *inhibited;

	/* announce: odd, full barrier; pairs with inhibit_enter(): it waits
	   for our odd flush_seq, or we see its count
	   model: B1 C1 flush_remote */
	__atomic_fetch_add(&cpu->flush_seq, 1, __ATOMIC_SEQ_CST);
	if (UNLIKELY(__atomic_load_n(&self->partition->inhibit_count,
				     __ATOMIC_ACQUIRE) != 0)) {
		inhibited = inhibit_find(self, request);
		if (inhibited != NULL) {
			end_flush(cpu);
			port_step(STEP_FLUSH_ENDED);
			return inhibited;
		}
	}
	flush_put(self, request);
	kick_and_wait(self, request);
	end_flush(cpu);
	return NULL;
}
