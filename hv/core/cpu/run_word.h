/* SPDX-License-Identifier: MIT */
/*
 * The run word: how a CPU says "in guest mode" and how others wait for it to
 * leave. docs/concurrency.md, section 4, has the argument.
 */
#ifndef HV_CORE_CPU_RUN_WORD_H
#define HV_CORE_CPU_RUN_WORD_H

#include "core/cpu/due.h"
#include "core/state/cpu.h"
#include "core/state/partition.h"
#include "core/state/vp.h"
#include "core/state/vp_set.h"

/* True if the word says that `vp` is in guest mode or about to be. */
static inline bool run_has(u64 word, const struct vp *vp)
{
	return (word & (RUN_GUEST | RUN_PARTITION | RUN_VP_INDEX)) ==
	       vp->run_own;
}

/*
 * True if the word says that a VP of `p` in the set is in guest mode or about
 * to be.
 */
static inline bool run_has_one_of(u64 word, const struct partition *p,
				  const struct vp_set *set)
{
	return !((word ^ p->run_guest) & (RUN_GUEST | RUN_PARTITION)) &&
	       vp_set_has(set, FIELD_GET(RUN_VP_INDEX, word));
}

static inline u64 run_read(const struct cpu *cpu)
{
	return __atomic_load_n(&cpu->run, __ATOMIC_ACQUIRE);
}

/* True if an NMI in root mode may have come from the line. */
static inline bool run_is_line_called(const struct cpu *cpu)
{
	return __atomic_load_n(&cpu->line, __ATOMIC_RELAXED) != 0;
}

/*
 * True if another VP of the CPU needs a look before `vp` enters, or the line
 * does. Not before the first entry of a turn that has a slice, which brings the
 * CPU back: otherwise rapid posting could starve `vp`. The line calls once in
 * a while only, and its look is no other VP's turn.
 */
static inline bool run_is_called(const struct cpu *cpu, const struct vp *vp)
{
	/* rule: look-at-attention */
	return (__atomic_load_n(&cpu->calls, __ATOMIC_RELAXED) != 0) &&
	       (!(cpu->sliced && vp->own.exit_count == cpu->turn_exits) ||
		run_is_line_called(cpu));
}

/*
 * Makes the word name `vp`, which the CPU enters next. Called on that CPU, with
 * the word even.
 */
static inline void run_assign(struct cpu *cpu, const struct vp *vp)
{
	u64 word = cpu->run & ~(RUN_PARTITION | RUN_VP_INDEX);

	__atomic_store_n(&cpu->run, word | vp->run_id, __ATOMIC_RELAXED);
}

/*
 * The way into guest mode for the VP that the word names: kicked = 0; word odd;
 * full barrier; look for work of this VP or, by `calls`, of another one of this
 * CPU or of the line. False: there is work, and the word is even again. The
 * barrier pairs with those of vp_post(), flush/caller.c and paging/overlay.c:
 * either they see the odd word or we see their work. rule: kick-is-remembered
 */
static inline bool run_enter(struct cpu *cpu, struct vp *vp)
{
	/* rule: kicked-off-before-look */
	__atomic_store_n(&cpu->kicked, 0, __ATOMIC_RELAXED);
	/* rule: odd-before-look, look-before-entry */
	__atomic_fetch_add(&cpu->run, RUN_SEQ_ONE, __ATOMIC_SEQ_CST);
	if (UNLIKELY(due_is_posted(vp) || run_is_called(cpu, vp))) {
		__atomic_store_n(&cpu->run, cpu->run + RUN_SEQ_ONE,
				 __ATOMIC_RELEASE);
		return false;
	}
	return true;
}

/*
 * The way out of guest mode, before root mode does anything that others may
 * wait for; entry.S does the same in one instruction.
 * rule: every-way-out-changes-word
 */
static inline void run_leave(struct cpu *cpu)
{
	__atomic_store_n(&cpu->run, cpu->run + RUN_SEQ_ONE, __ATOMIC_RELEASE);
}

/*
 * Sets kicked = 0, as run_enter() does, then the idle bit, then executes a full
 * barrier. True if no VP of the CPU has an event, and the line did not call, so
 * that the caller may halt.
 */
bool run_idle_begin(struct cpu *cpu);
void run_idle_end(struct cpu *cpu);

#endif
