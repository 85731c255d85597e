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

#endif
