/* SPDX-License-Identifier: MIT */
/* Bounded text: strings, quoted bytes and numbers, one after the other. */
#include "common/lib/text.h"

static const char digits[] = "0123456789abcdef";

static void put_char(struct text *t, char c)
{
	if (t->len + 1 < t->room) {
		t->to[t->len] = c;
		t->len++;
		t->to[t->len] = 0;
	}
}

struct text text_start(char *to, size_t room)
{
	to[0] = 0;
	return (struct text){.to = to, .room = room};
}

void text_put(struct text *t, const char *words)
{
	for (size_t i = 0; words[i] != 0; i++) {
		put_char(t, words[i]);
	}
}

void text_quote(struct text *t, const char *bytes, size_t len, size_t max)
{
	for (size_t i = 0; i < len && i < max; i++) {
		u8 byte = (u8)bytes[i];

		if (byte >= 0x20 && byte < 0x7f) {
			put_char(t, (char)byte);
		} else {
			text_put(t, "\\x");
			put_char(t, digits[byte >> 4]);
			put_char(t, digits[byte & 15]);
		}
	}
	if (len > max) {
		text_put(t, "...");
	}
}

static void put_number(struct text *t, u64 number, u32 base)
{
	char reversed[20]; /* 2^64 has 20 decimal digits */
	u32 count = 0;

	do {
		reversed[count] = digits[number % base];
		count++;
		number /= base;
	} while (number != 0);
	while (count > 0) {
		count--;
		put_char(t, reversed[count]);
	}
}

void text_dec(struct text *t, u64 number)
{
	put_number(t, number, 10);
}

void text_hex(struct text *t, u64 number)
{
	text_put(t, "0x");
	put_number(t, number, 16);
}
