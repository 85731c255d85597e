/* SPDX-License-Identifier: MIT */
/* Bits by number, fields by mask. U() keeps the constants fit for assembly. */
#ifndef BASE_BITS_H
#define BASE_BITS_H

#ifdef __ASSEMBLER__
#define U(x) x
#else
#define U(x) x##ull
#endif

#define BIT(n)        (U(1) << (n))
#define GENMASK(h, l) (((U(2) << (h)) - U(1)) & ~((U(1) << (l)) - U(1)))

#define FIELD_SHIFT(mask)       ((unsigned)__builtin_ctzll(mask))
#define FIELD_GET(mask, word)   (((word) & (mask)) >> FIELD_SHIFT(mask))
#define FIELD_PREP(mask, value) (((u64)(value) << FIELD_SHIFT(mask)) & (mask))

#ifndef __ASSEMBLER__

/* Number of the lowest bit that is set. Pre: word != 0. */
static inline unsigned long bits_lowest(unsigned long word)
{
	return (unsigned long)__builtin_ctzl(word);
}

/* How many bits are set; needs no POPCNT. */
static inline unsigned bits_count(unsigned long word)
{
	unsigned count = 0;

	for (; word != 0; word &= word - 1) {
		count++;
	}
	return count;
}

/* For each bit that is set in `_word`, ascending, with its number in `_bit`. */
#define BITS_FOR_EACH(_bit, _word)                                             \
	for (unsigned long left_ = (_word);                                    \
	     left_ != 0 && ((_bit) = bits_lowest(left_), true);                \
	     left_ &= left_ - 1)

#endif

#endif
