/* SPDX-License-Identifier: MIT */
/* Step 3 of the caller's side of a flush: puts the work where targets look. */
#ifndef HV_CORE_FLUSH_PUT_H
#define HV_CORE_FLUSH_PUT_H

#include "core/flush/flush.h"
#include "core/state/cpu.h"
#include "core/state/partition.h"
#include "core/state/vp.h"

/*
 * True if the run word names a VP of the set in cpu->targets that is in guest
 * mode. `own` is vp->run_own of the caller, whose partition the set belongs to.
 */
static inline bool flush_word_is_target(u64 word, u64 own, u64 banks,
					const struct cpu *cpu)
{
	u64 bank = FIELD_GET(GENMASK(11, 6), word);

	return !((word ^ own) & (RUN_GUEST | RUN_PARTITION)) &&
	       (banks & BIT(bank)) && (cpu->targets[bank] & BIT(word & 63));
}

/* More than FLUSH_LIST_SET_MAX targets? */
bool flush_set_is_large(const u64 *targets, u64 banks);

/*
 * LOCK OR of whole bank words, at least one: each is a full barrier that pairs
 * with run_enter(): it sees our work, or we see its odd word afterwards.
 */
static inline void flush_put_bits(u64 *words, const u64 *targets, u64 banks)
{
	do {
		u32 bank = (u32)__builtin_ctzll(banks);

		/* rule: bits-before-run-words */
		__atomic_fetch_or(&words[bank], targets[bank],
				  __ATOMIC_SEQ_CST);
		banks &= banks - 1;
	} while (banks != 0);
}

/*
 * Puts the work, ranges or FLUSH_NON_GLOBAL, for each VP of the set, which is
 * not empty; FLUSH_FULL is flush_put_bits() alone. Called in root mode on the
 * CPU of `self`. Ends in a full barrier, as flush_put_bits() does. The words of
 * the set change meanwhile and are restored on return.
 */
void flush_put(const struct vp *self, const struct flush_request *request);

#endif
