/* SPDX-License-Identifier: MIT */
/*
 * A set of VPs of one partition by VP index: a word for each bank of 64, and
 * the mask of the banks whose words count; such a word may be 0. The other
 * words may hold anything, so an empty set costs one store.
 */
#ifndef HV_CORE_STATE_VP_SET_H
#define HV_CORE_STATE_VP_SET_H

#include "base/bits.h"
#include "base/types.h"
#include "tlfs/hypercall.h"

struct vp_set {
	u64 banks;
	u64 words[HV_VP_SET_BANKS];
};

/* Whom a call names: the caller is apart, because it needs no kick. */
struct vp_targets {
	struct vp_set others;
	bool self;
};

/* For each bank of `_set`, ascending, with its number in `_bank`, a u64. */
#define VP_SET_FOR_EACH_BANK(_bank, _set) BITS_FOR_EACH(_bank, (_set)->banks)

/* The two macros below; `_word` is the word of the lowest of `banks_`. */
#define VP_SET_WALK(_index, _set, _word)                                       \
	for (u64 banks_ = (_set)->banks, bits_;                                \
	     banks_ != 0 && (bits_ = (_word), true); banks_ &= banks_ - 1)     \
		for (; bits_ != 0 && ((_index) = 64 * bits_lowest(banks_) +    \
						 bits_lowest(bits_),           \
				     true);                                    \
		     bits_ &= bits_ - 1)

/*
 * For each VP of `_set`, ascending, with its VP index in `_index`, a u64. These
 * are two loops, so `break` does not leave them; return does. The loop may not
 * change the set.
 */
#define VP_SET_FOR_EACH(_index, _set)                                          \
	VP_SET_WALK(_index, _set, (_set)->words[bits_lowest(banks_)])

/* The same for a set whose words other CPUs change: each is read once. */
#define VP_SET_FOR_EACH_SHARED(_index, _set)                                   \
	VP_SET_WALK(_index, _set,                                              \
		    __atomic_load_n(&(_set)->words[bits_lowest(banks_)],       \
				    __ATOMIC_RELAXED))

static inline bool vp_set_has(const struct vp_set *set, u64 index)
{
	return (set->banks & BIT(index / 64)) &&
	       (set->words[index / 64] & BIT(index % 64));
}

static inline void vp_set_add(struct vp_set *set, u64 index)
{
	u64 *word = &set->words[index / 64];

	*word = BIT(index % 64) | (set->banks & BIT(index / 64) ? *word : 0);
	set->banks |= BIT(index / 64);
}

/*
 * Takes VP `bit` of bank `bank` out of the set; true if it was in. A bank
 * without VPs leaves the set.
 */
static inline bool vp_set_take(struct vp_set *set, u32 bank, u64 bit)
{
	if (!(set->banks & BIT(bank)) || !(set->words[bank] & bit)) {
		return false;
	}
	set->words[bank] ^= bit;
	if (set->words[bank] == 0) {
		set->banks ^= BIT(bank);
	}
	return true;
}

/* *rest becomes the VPs of `set` that are not in `less`. */
static inline void vp_set_subtract(struct vp_set *rest,
				   const struct vp_set *set,
				   const struct vp_set *less)
{
	u64 bank;

	rest->banks = set->banks;
	VP_SET_FOR_EACH_BANK(bank, set) {
		rest->words[bank] =
			set->words[bank] &
			~(less->banks & BIT(bank) ? less->words[bank] : 0);
	}
}

/* True if the set has more than `limit` VPs; looks at no more than that. */
static inline bool vp_set_is_larger(const struct vp_set *set, u32 limit)
{
	u32 count = 0;
	u64 index;

	VP_SET_FOR_EACH(index, set) {
		(void)index;
		if (count++ == limit) {
			return true;
		}
	}
	return false;
}

#endif
