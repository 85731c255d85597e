/* SPDX-License-Identifier: MIT */
/*
 * Caller's side of a flush: announce, look for inhibits, put the work, kick,
 * wait. The target's side is target.c.
 */
#include "core/flush/caller.h"

#include "core/cpu/kick.h"
#include "core/flush/inhibit.h"
#include "core/flush/invalidate.h"
#include "core/port/step.h"
#include "core/state/machine.h"

/* ---- putting the work where the targets look: merged, never dropped ---- */

/*
 * LOCK OR of whole bank words, at least one: each is a full barrier that pairs
 * with run_enter(): it sees our work, or we see its odd word afterwards.
 */
static inline void put_bits(u64 *words, const struct vp_set *set)
{
	u64 bank;

	ASSUME(set->banks != 0);
	VP_SET_FOR_EACH_BANK(bank, set) {
		/* rule: bits-before-run-words */
		__atomic_fetch_or(&words[bank], set->words[bank],
				  __ATOMIC_SEQ_CST);
	}
}

/* Adds the ranges to one VP's queue; overflow becomes a full flush. */
static inline __attribute__((always_inline)) void
put_queue(struct vp *vp, const struct flush_request *request)
{
	struct flush_queue *queue = &vp->shared.queue;
	const u64 *ranges = request->ranges;
	u32 count = request->range_count;
	bool fits;

	lock_acquire(&queue->lock); /* rule: lock-queue-to-put */
	fits = queue->count + count <= queue->max;
	if (LIKELY(fits)) {
		u64 *to = &queue->ranges[queue->count];

		for (u32 i = 0; i < count; i++) {
			to[i] = ranges[i];
		}
		__atomic_store_n(&queue->count, queue->count + count,
				 __ATOMIC_RELAXED);
	}
	lock_release(&queue->lock);
	if (UNLIKELY(!fits)) {
		/* rule: overflow-becomes-full */
		__atomic_fetch_or(vp->flush_full, vp->bank_bit,
				  __ATOMIC_SEQ_CST);
	}
}

static void put_queues(const struct partition *p, const struct vp_set *set,
		       const struct flush_request *request)
{
	u64 index;

	VP_SET_FOR_EACH(index, set) {
		put_queue(p->by_index[index], request);
	}
}

/* The VPs of `set` that seem to be in guest mode. */
static void find_running(const struct partition *p, const struct vp_set *set,
			 struct vp_set *running)
{
	running->banks = 0;
	for (u32 i = 0; i < machine.cpu_count; i++) {
		u64 word = run_read(machine.cpus[i]);

		if (run_has_one_of(word, p, set)) {
			vp_set_add(running, FIELD_GET(RUN_VP_INDEX, word));
		}
	}
}

/*
 * A large set: ranges for the VPs that seem to be in guest mode, the FULL bit
 * for all others. The cost depends on the CPUs, not on the VPs. The run words
 * are only a hint here: either kind of work is correct for any VP. Not inlined:
 * its frame.
 */
static __attribute__((noinline)) void
put_running(struct partition *p, const struct flush_request *request)
{
	struct vp_set running;
	struct vp_set rest;

	find_running(p, &request->targets.others, &running);
	vp_set_subtract(&rest, &request->targets.others, &running);
	put_bits(p->flush_full, &rest);
	put_queues(p, &running, request);
}

_Static_assert(FLUSH_LIST_SET_MAX == 4, "are_few() counts up to 4");

/* True if at most FLUSH_LIST_SET_MAX bits of the word are set. */
static inline bool are_few(u64 word)
{
	word &= word - 1;
	word &= word - 1;
	word &= word - 1;
	return (word & (word - 1)) == 0;
}

/* Not one bank with a few VPs; `few`: a few in the lowest bank. */
static void put_many(struct partition *p, const struct flush_request *request,
		     bool few)
{
	const struct vp_set *set = &request->targets.others;

	if (p->config->paging == CONFIG_PAGING_SHADOW ||
	    (few && !vp_set_is_larger(set, FLUSH_LIST_SET_MAX))) {
		put_queues(p, set, request);
	} else {
		put_running(p, request);
	}
}

/*
 * One bank with a few VPs is what nearly all sets are. Not inlined: full
 * flushes do not pass by here.
 */
static __attribute__((noinline)) void
put_ranges(struct partition *p, const struct flush_request *request)
{
	const struct vp_set *set = &request->targets.others;
	u64 bank = bits_lowest(set->banks);
	u64 word = set->words[bank];
	bool few = are_few(word);

	if (LIKELY(few && (set->banks & (set->banks - 1)) == 0)) {
		for (; word != 0; word &= word - 1) {
			put_queue(p->by_index[64 * bank + bits_lowest(word)],
				  request);
		}
	} else {
		put_many(p, request, few);
	}
	/* rule: ranges-before-run-words */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

/* Each way ends in a full barrier. */
static inline void put(struct partition *p, const struct flush_request *request)
{
	if (LIKELY(request->kind == FLUSH_FULL)) {
		put_bits(p->flush_full, &request->targets.others);
	} else if (request->kind == FLUSH_NON_GLOBAL) {
		put_bits(p->flush_nonglobal, &request->targets.others);
	} else {
		put_ranges(p, request);
	}
}

/* ---- the steps of docs/concurrency.md, section 5 ---- */

static __attribute__((noinline)) void
invalidate_own(struct vp *self, const struct flush_request *request)
{
	if (LIKELY(request->kind == FLUSH_FULL)) {
		invalidate_all(self);
	} else if (request->kind == FLUSH_NON_GLOBAL) {
		invalidate_non_global(self);
	} else {
		invalidate_ranges(self, request->ranges, request->range_count);
	}
}

static void own_part(struct vp *self, const void *what)
{
	const struct flush_request *request = what;

	if (request->targets.self) {
		invalidate_own(self, request);
	}
}

/* flush_seq becomes odd: the full barrier pairs with inhibit_enter(): it waits
   for our odd flush_seq, or we see its count. */
static inline void announce(struct cpu *cpu)
{
	/* rule: announce-before-put */
	__atomic_fetch_add(&cpu->flush_seq, 1, __ATOMIC_SEQ_CST);
}

/* Makes flush_seq even again; before a suspension too. */
static inline void end_flush(struct cpu *cpu)
{
	/* rule: flush-ends-before-suspend */
	__atomic_store_n(&cpu->flush_seq, cpu->flush_seq + 1, __ATOMIC_RELEASE);
}

/* True if a target is inhibited: then the flush has ended without effect. */
static __attribute__((noinline, cold)) bool
is_inhibited(struct vp *self, const struct flush_request *request)
{
	struct vp *inhibited =
		inhibit_find(self->partition, &request->targets.others);

	if (inhibited == NULL) {
		return false;
	}
	self->own.waits_for = inhibited;
	end_flush(self->cpu);
	port_step(STEP_FLUSH_ENDED);
	return true;
}

/*
 * With targets other than the caller. Not inlined, as flush_self(): so the
 * handler needs no frame.
 */
static __attribute__((noinline)) enum flush_end
flush_others(struct vp *self, const struct flush_request *request)
{
	struct partition *p = self->partition;
	struct cpu *cpu = self->cpu;

	announce(cpu);
	/* rule: look-for-inhibits */
	if (UNLIKELY(__atomic_load_n(&p->inhibit_count, __ATOMIC_ACQUIRE) !=
		     0) &&
	    is_inhibited(self, request)) {
		return FLUSH_INHIBITED;
	}
	put(p, request);
	kick_and_wait(cpu, p, &request->targets.others, own_part, self,
		      request);
	end_flush(cpu);
	return FLUSH_DONE;
}

/* The caller alone, or nobody: nothing to announce, nobody to wait for. */
static __attribute__((noinline)) enum flush_end
flush_self(struct vp *self, const struct flush_request *request)
{
	if (request->targets.self) {
		invalidate_own(self, request);
	}
	return FLUSH_DONE;
}

enum flush_end flush_run(struct vp *self, const struct flush_request *request)
{
	return request->targets.others.banks != 0 ? flush_others(self, request)
						  : flush_self(self, request);
}

void flush_put_own(struct vp *self, const struct flush_request *request)
{
	if (request->kind == FLUSH_RANGES) {
		put_queue(self, request);
		return;
	}
	__atomic_fetch_or(request->kind == FLUSH_FULL ? self->flush_full
						      : self->flush_nonglobal,
			  self->bank_bit, __ATOMIC_SEQ_CST);
}
