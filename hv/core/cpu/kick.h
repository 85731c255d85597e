/* SPDX-License-Identifier: MIT */
/*
 * Kick and wait: makes the CPUs that run certain VPs leave guest mode, and
 * waits until they have. For flushes, changes of an EPT, and reading another
 * VP's registers; docs/concurrency.md, section 4.
 */
#ifndef HV_CORE_CPU_KICK_H
#define HV_CORE_CPU_KICK_H

#include "core/cpu/run_word.h"
#include "core/port/port.h"
#include "core/state/machine.h"
#include "core/state/vp_set.h"
#include "core/trace/record.h"

#define KICK_FEW_CPUS                                                          \
	8                /* reading 8 run words is faster than counting a set  \
			  */
#define KICK_SET_SMALL 4 /* VPs; for more, the run words of CPUs are read */

/*
 * Kicks `cpu` for `caller` and notes it as the nth that `self` waits for;
 * `word` is its run word as read once after the barrier, `targets` for the
 * trace.
 */
static inline void kick_one(struct cpu *self, const struct vp *caller, u64 nth,
			    struct cpu *cpu, u64 word, u64 targets)
{
	record_kick(self, caller, cpu, word, targets);
	port_kick(cpu);
	self->waits_cpu[nth] = cpu;
	self->waits_word[nth] = word;
}

/* kick_running() for a set that may have more VPs than there are CPUs. */
u64 kick_by_cpus(struct cpu *self, const struct vp *caller,
		 const struct partition *p, const struct vp_set *set);

/* kick_running() for one bank of the set; returns `kicks` and its own. */
static inline __attribute__((always_inline)) u64
kick_bank(struct cpu *self, const struct vp *caller, const struct partition *p,
	  u64 bank, u64 targets, u64 kicks)
{
	for (; targets != 0; targets &= targets - 1) {
		const struct vp *vp =
			p->by_index[bank * 64 + bits_lowest(targets)];
		struct cpu *cpu = vp->cpu;
		u64 word = run_read(cpu);

		/* rule: kick-running-targets */
		if (run_has(word, vp)) {
			kick_one(self, caller, kicks, cpu, word, targets);
			kicks++;
		}
	}
	return kicks;
}

/*
 * Kicks every CPU that runs a VP of the set, which has a bank; returns how
 * many. `caller` is the VP that wants it, `self` its CPU.
 */
static inline __attribute__((always_inline)) u64
kick_running(struct cpu *self, const struct vp *caller,
	     const struct partition *p, const struct vp_set *set)
{
	u64 kicks = 0;
	u64 bank;

	if (UNLIKELY(p->shares_cpus) &&
	    (machine.cpu_count <= KICK_FEW_CPUS ||
	     vp_set_is_larger(set, KICK_SET_SMALL))) {
		return kick_by_cpus(self, caller, p, set);
	}
	ASSUME(set->banks != 0);
	VP_SET_FOR_EACH_BANK(bank, set) {
		kicks = kick_bank(self, caller, p, bank, set->words[bank],
				  kicks);
	}
	return kicks;
}

/*
 * Waits until the run word of `cpu` differs from `word`; panics with both words
 * if it does not.
 */
void kick_wait_for(const struct cpu *cpu, u64 word);

/* Waits for the first `count` CPUs that kick_one() has noted. */
static inline void kick_wait(struct cpu *self, u64 count)
{
	self->kicks_sent += count;
	/* rule: wait-for-kicked */
	for (u64 i = 0; i < count; i++) {
		const struct cpu *cpu = self->waits_cpu[i];

		if (run_read(cpu) == self->waits_word[i]) {
			kick_wait_for(cpu, self->waits_word[i]);
		}
	}
}

/* What a caller does while the kicked CPUs leave guest mode. */
typedef void kick_meanwhile(struct vp *vp, const void *what);

/*
 * Returns when every VP of `p` in the set has left guest mode since the call
 * began, or was not in it. Once all kicks are out it calls `meanwhile`, if that
 * is not NULL, with `vp` and `what`. Called for `vp` on its CPU `self` in root
 * mode, with the run word even, after a full barrier that follows what the
 * kicked CPUs have to see.
 */
static inline __attribute__((always_inline)) void
kick_and_wait(struct cpu *self, const struct partition *p,
	      const struct vp_set *set, kick_meanwhile *meanwhile,
	      struct vp *vp, const void *what)
{
	u64 kicks = kick_running(self, vp, p, set);

	if (meanwhile != NULL) {
		meanwhile(vp, what);
	}
	kick_wait(self, kicks);
}

#endif
