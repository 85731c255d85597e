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

/* Kicks every CPU that runs a target; returns how many. */
static inline u64 kick_targets(const struct vp *self, struct cpu *cpu,
			       u64 banks)
{
	struct cpu *const *at = machine.cpus;
	struct cpu *const *end = at + machine.cpu_count;
	u64 own = self->run_own;
	u64 kicks = 0;

	do {
		struct cpu *other = *at++;
		u64 word = run_read(other);

		/* model: C3 kick_targets */
		if (flush_word_is_target(word, own, banks, cpu)) {
			run_kick(cpu, kicks, other, word);
			kicks++;
		}
	} while (at != end);
	return kicks;
}

void flush_take_self(const struct vp *self, struct flush_request *request)
{
	u64 *word = &self->cpu->targets[self->bank];

	request->self = false;
	/* model: C26 flush_take_self */
	if ((request->banks & BIT(self->bank)) && (*word & self->bank_bit)) {
		request->self = true;
		*word ^= self->bank_bit;
		if (*word == 0) {
			request->banks ^= BIT(self->bank);
		}
	}
}

/* flush_seq even again: before a suspension too. */
static inline void end_flush(struct cpu *cpu)
{
	/* model: C17 end_flush */
	__atomic_store_n(&cpu->flush_seq, cpu->flush_seq + 1, __ATOMIC_RELEASE);
}

struct vp *flush_remote(struct vp *self, const struct flush_request *request)
{
	struct partition *p = self->partition;
	struct cpu *cpu = self->cpu;
	struct vp *inhibited;
	u64 kicks;

	/* announce: odd, full barrier; pairs with inhibit_enter(): it waits
	   for our odd flush_seq, or we see its count
	   model: B1 C1 flush_remote */
	__atomic_fetch_add(&cpu->flush_seq, 1, __ATOMIC_SEQ_CST);
	if (UNLIKELY(__atomic_load_n(&p->inhibit_count, __ATOMIC_ACQUIRE) !=
		     0)) {
		inhibited = inhibit_find(self, request);
		if (inhibited != NULL) {
			end_flush(cpu);
			port_step(STEP_FLUSH_ENDED);
			return inhibited;
		}
	}
	if (LIKELY(request->kind == FLUSH_FULL)) {
		flush_put_bits(p->flush_full, cpu->targets, request->banks);
	} else {
		flush_put(self, request);
	}
	kicks = kick_targets(self, cpu, request->banks);
	if (request->self) {
		flush_self(self, request); /* while they are on their way out */
	}
	run_wait_all(cpu, kicks);
	end_flush(cpu);
	return NULL;
}
