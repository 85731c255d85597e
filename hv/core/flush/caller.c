/* SPDX-License-Identifier: MIT */
/*
 * Caller's side of a flush: announce, put the work, kick, wait. The target's
 * side is target.c.
 */
#include "core/flush/caller.h"

#include "core/cpu/run_word.h"
#include "core/flush/inhibit.h"
#include "core/flush/put.h"
#include "core/port/step.h"
#include "core/state/machine.h"

#define FEW_CPUS 8 /* reading 8 run words is faster than counting a set */

/* kick_targets() for a set that may have more VPs than there are CPUs. */
static __attribute__((noinline)) u64 kick_by_cpus(const struct vp *self,
						  struct cpu *cpu, u64 banks)
{
	u64 kicks = 0;

	for (u32 i = 0; i < machine.cpu_count; i++) {
		struct cpu *other = machine.cpus[i];
		u64 word = run_read(other);

		if (flush_word_is_target(word, self->run_own, banks, cpu)) {
			run_kick(cpu, kicks, other, word);
			kicks++;
		}
	}
	return kicks;
}

/* Kicks every CPU that runs a target; returns how many. */
static inline u64 kick_targets(const struct vp *self, struct cpu *cpu,
			       u64 banks)
{
	const struct partition *p = self->partition;
	u64 kicks = 0;

	if (UNLIKELY(p->shares_cpus) &&
	    (machine.cpu_count <= FEW_CPUS ||
	     flush_set_is_large(cpu->targets, banks))) {
		return kick_by_cpus(self, cpu, banks);
	}
	do {
		u32 bank = (u32)__builtin_ctzll(banks);
		struct vp *const *vps = &p->by_index[bank * 64];
		u64 bits = cpu->targets[bank];

		do {
			const struct vp *vp = vps[__builtin_ctzll(bits)];
			u64 word = run_read(vp->cpu);

			/* rule: kick-running-targets */
			if (run_has(word, vp)) {
				run_kick(cpu, kicks, vp->cpu, word);
				kicks++;
			}
			bits &= bits - 1;
		} while (bits != 0);
		banks &= banks - 1;
	} while (banks != 0);
	return kicks;
}

void flush_take_self(const struct vp *self, struct flush_request *request)
{
	u64 *word = &self->cpu->targets[self->bank];

	request->self = false;
	/* rule: caller-out-of-set */
	if ((request->banks & BIT(self->bank)) && (*word & self->bank_bit)) {
		request->self = true;
		*word ^= self->bank_bit;
		if (*word == 0) {
			request->banks ^= BIT(self->bank);
		}
	}
}

/* Makes flush_seq even again; before a suspension too. */
static inline void end_flush(struct cpu *cpu)
{
	/* rule: flush-ends-before-suspend */
	__atomic_store_n(&cpu->flush_seq, cpu->flush_seq + 1, __ATOMIC_RELEASE);
}

struct vp *flush_others(struct vp *self, const struct flush_request *request)
{
	struct partition *p = self->partition;
	struct cpu *cpu = self->cpu;
	struct vp *inhibited;
	u64 kicks;

	/* announce: odd, full barrier; pairs with inhibit_enter(): it waits
	   for our odd flush_seq, or we see its count.
	   rule: announce-before-put, look-for-inhibits */
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
		/* while the kicked CPUs leave guest mode */
		flush_invalidate(self, request);
	}
	run_wait_all(cpu, kicks);
	end_flush(cpu);
	return NULL;
}
