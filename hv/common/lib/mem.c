/* SPDX-License-Identifier: MIT */
/*
 * memcpy() and its like, by 8 bytes where possible. All accesses are volatile,
 * so that no compiler recognises a loop here and replaces it by a call of the
 * very function it is in.
 */
#include "common/lib/mem.h"

#include "base/types.h"

/* Eight bytes at any address; x86 reads and writes them in one go. */
typedef u64 __attribute__((aligned(1), may_alias)) word_t;

#define WORD sizeof(word_t)

static void copy_word(u8 *to, const u8 *from)
{
	*(volatile word_t *)to = *(const volatile word_t *)from;
}

static void copy_byte(u8 *to, const u8 *from)
{
	*(volatile u8 *)to = *(const volatile u8 *)from;
}

/* Lowest address first: right also for overlap with `to` below `from`. */
static void copy_up(u8 *to, const u8 *from, size_t len)
{
	for (; len >= 4 * WORD; len -= 4 * WORD) {
		copy_word(to, from);
		copy_word(to + WORD, from + WORD);
		copy_word(to + 2 * WORD, from + 2 * WORD);
		copy_word(to + 3 * WORD, from + 3 * WORD);
		to += 4 * WORD;
		from += 4 * WORD;
	}
	for (; len >= WORD; len -= WORD) {
		copy_word(to, from);
		to += WORD;
		from += WORD;
	}
	for (; len > 0; len--) {
		copy_byte(to++, from++);
	}
}

/* Highest address first: right also for overlap with `to` above `from`. */
static void copy_down(u8 *to, const u8 *from, size_t len)
{
	for (; len >= WORD; len -= WORD) {
		copy_word(to + len - WORD, from + len - WORD);
	}
	for (; len > 0; len--) {
		copy_byte(to + len - 1, from + len - 1);
	}
}

void *memcpy(void *to, const void *from, size_t len)
{
	copy_up(to, from, len);
	return to;
}

void *memmove(void *to, const void *from, size_t len)
{
	/* One unsigned comparison: `to` lies inside [from, from + len) */
	if ((uintptr_t)to - (uintptr_t)from < len) {
		copy_down(to, from, len);
	} else {
		copy_up(to, from, len);
	}
	return to;
}

void *memset(void *to, int value, size_t len)
{
	u8 *at = to;
	u64 word = (u8)value * 0x0101010101010101ull;

	for (; len >= WORD; len -= WORD) {
		*(volatile word_t *)at = word;
		at += WORD;
	}
	for (; len > 0; len--) {
		*(volatile u8 *)at++ = (u8)value;
	}
	return to;
}

int memcmp(const void *a, const void *b, size_t len)
{
	const volatile u8 *x = a;
	const volatile u8 *y = b;

	for (size_t i = 0; i < len; i++) {
		int difference = x[i] - y[i];

		if (difference != 0) {
			return difference;
		}
	}
	return 0;
}
