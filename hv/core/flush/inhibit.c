/* SPDX-License-Identifier: MIT */
/*
 * Setting, ending and finding inhibits. Every change of a VP's word is one
 * atomic operation, so the CPU that makes it 0 knows that it did, and wakes the
 * suspended VPs.
 */
#include "core/flush/inhibit.h"

#include "core/cpu/run_word.h"
#include "core/cpu/wait.h"
#include "core/events/post.h"
#include "core/port/port.h"
#include "core/port/step.h"
#include "core/state/machine.h"
#include "core/state/partition.h"
#include "core/state/vp.h"
#include "core/trace/record.h"

_Static_assert(PARTITIONS_MAX < 8, "INHIBIT_OWNERS has a bit for each");

static u64 owner_bit(const struct partition *owner)
{
	return BIT(FIELD_SHIFT(INHIBIT_OWNERS) + owner->number);
}

static u64 word_of(const struct vp *vp)
{
	return __atomic_load_n(&vp->shared.inhibit, __ATOMIC_ACQUIRE);
}

struct vp *inhibit_find(const struct partition *p, const struct vp_set *set)
{
	u64 index;

	VP_SET_FOR_EACH(index, set) {
		if (word_of(p->by_index[index]) != 0) {
			return p->by_index[index];
		}
	}
	return NULL;
}

/* Until flush_seq changes: a flush that began later has seen the inhibit. */
static void wait_for_flush(const struct cpu *cpu)
{
	u64 seq = __atomic_load_n(&cpu->flush_seq, __ATOMIC_ACQUIRE);

	if ((seq & 1) && !wait_for_change(&cpu->flush_seq, seq)) {
		port_panic("cpu %u does not end its flush: flush_seq=0x%llx "
			   "run=0x%llx",
			   cpu->number, (unsigned long long)seq,
			   (unsigned long long)run_read(cpu));
	}
}

void inhibit_enter(struct vp *target)
{
	struct partition *p = target->partition;

	/* the count is never below the number of inhibited VPs.
	   rule: count-before-inhibit, count-up-in-one-step */
	__atomic_fetch_add(&p->inhibit_count, 1, __ATOMIC_SEQ_CST);
	/* LOCK: the full barrier; pairs with flush_others()'s announcement:
	   it sees our word, or we see its odd flush_seq.
	   rule: inhibit-before-flush-seq, count-taken-back */
	if (__atomic_fetch_add(&target->shared.inhibit, INHIBIT_ONE,
			       __ATOMIC_SEQ_CST) != 0) {
		__atomic_fetch_sub(&p->inhibit_count, 1, __ATOMIC_SEQ_CST);
	}
	/* also where it was inhibited already: whoever inhibited it may still
	   be waiting. rule: wait-for-running-flushes, every-inhibit-waits */
	for (u32 i = 0; i < machine.cpu_count; i++) {
		wait_for_flush(machine.cpus[i]);
	}
}

/*
 * May wake more VPs than needed: each makes its call again, which checks again.
 */
static void wake_suspended(const struct partition *p)
{
	u64 index;

	VP_SET_FOR_EACH_SHARED(index, &p->suspended) {
		/* rule: wake-all */
		vp_post(p->by_index[index], VP_EVENT_WAKE);
	}
}

/* Called where the inhibit word of `target` has become 0. */
static void ended(struct vp *target)
{
	struct partition *p = target->partition;

	record_here(TRACE_INHIBIT_CLEAR, record_name(target), 0, 0);
	port_step(STEP_WORD_CLEARED);
	/* LOCK: the full barrier; pairs with suspend_begin(): it sees the 0,
	   or we see its bit. rule: count-down-in-one-step */
	__atomic_fetch_sub(&p->inhibit_count, 1, __ATOMIC_SEQ_CST);
	port_step(STEP_COUNT_DOWN);
	wake_suspended(p);
}

static void keep(struct vp *target, u64 owner)
{
	u64 old = word_of(target);
	u64 new;

	/* the word is never 0 in between: our part of the count becomes the
	   flag.
	   rule: keep-in-one-step, flag-and-count-together */
	do {
		new = (old - INHIBIT_ONE) | INHIBIT_FLAG | owner;
	} while (!__atomic_compare_exchange_n(&target->shared.inhibit, &old,
					      new, false, __ATOMIC_SEQ_CST,
					      __ATOMIC_ACQUIRE));
	record_here(TRACE_INHIBIT_SET, record_name(target), new, 0);
}

void inhibit_keep(struct vp *target, const struct partition *owner)
{
	keep(target, owner_bit(owner));
}

void inhibit_leave(struct vp *target)
{
	/* rule: leave-in-one-step, failed-walk-wakes */
	if (__atomic_sub_fetch(&target->shared.inhibit, INHIBIT_ONE,
			       __ATOMIC_SEQ_CST) == 0) {
		ended(target);
	}
}

bool inhibit_is_set(const struct vp *target)
{
	return (word_of(target) & INHIBIT_FLAG) != 0;
}

void inhibit_clear(struct vp *target)
{
	/* rule: clear-in-one-step */
	u64 old = __atomic_fetch_and(&target->shared.inhibit, INHIBIT_COUNT,
				     __ATOMIC_SEQ_CST);

	/* if a translation is in progress, its end wakes them */
	if ((old & INHIBIT_FLAG) && !(old & INHIBIT_COUNT)) {
		ended(target);
	}
}

/* The word without this owner; without the flag if it was the only one */
static u64 without(u64 word, u64 owner)
{
	word &= ~owner;
	return (word & INHIBIT_OWNERS) ? word : word & INHIBIT_COUNT;
}

static void end_one(struct vp *target, u64 owner)
{
	u64 old = word_of(target);
	u64 new;

	do {
		if (!(old & owner)) {
			return;
		}
		new = without(old, owner);
	} while (!__atomic_compare_exchange_n(&target->shared.inhibit, &old,
					      new, false, __ATOMIC_SEQ_CST,
					      __ATOMIC_ACQUIRE));
	if (new == 0) {
		ended(target);
	}
}

void inhibit_end_of(const struct partition *owner)
{
	for (u32 i = 0; i < machine.partition_count; i++) {
		const struct partition *p = machine.partitions[i];

		for (u32 n = 0; n < p->vp_count; n++) {
			end_one(p->vps[n], owner_bit(owner));
		}
	}
}

void inhibit_console_set(struct vp *target)
{
	inhibit_enter(target);
	keep(target, INHIBIT_CONSOLE);
}

void inhibit_console_end(struct vp *target)
{
	end_one(target, INHIBIT_CONSOLE);
}

u64 inhibit_word(const struct vp *target)
{
	return word_of(target);
}
