/* SPDX-License-Identifier: MIT */
/* Fields of packets: numbers, bytes and thread IDs. */
#include "core/gdb/text.h"

#include "common/lib/digit.h"

#define HEX_DIGITS_MAX 16

static void skip(struct gdb_text *t, size_t count)
{
	t->at += count;
	t->len -= count;
}

bool gdb_text_char(struct gdb_text *t, char c)
{
	if (t->len == 0 || *t->at != c) {
		return false;
	}
	skip(t, 1);
	return true;
}

bool gdb_text_word(struct gdb_text *t, const char *word)
{
	size_t len = 0;

	while (word[len] != 0) {
		if (len == t->len || t->at[len] != word[len]) {
			return false;
		}
		len++;
	}
	skip(t, len);
	return true;
}

bool gdb_text_hex(struct gdb_text *t, u64 *value)
{
	size_t digits = 0;

	*value = 0;
	while (digits < t->len && digit_value(t->at[digits]) != DIGIT_NONE) {
		*value = *value << 4 | digit_value(t->at[digits]);
		digits++;
	}
	if (digits == 0 || digits > HEX_DIGITS_MAX) {
		return false;
	}
	skip(t, digits);
	return true;
}

bool gdb_text_bytes(struct gdb_text *t, void *to, size_t len)
{
	u8 *bytes = to;

	if (t->len / 2 < len) {
		return false;
	}
	for (size_t i = 0; i < len; i++) {
		u32 high = digit_value(t->at[2 * i]);
		u32 low = digit_value(t->at[2 * i + 1]);

		if (high == DIGIT_NONE || low == DIGIT_NONE) {
			return false;
		}
		bytes[i] = (u8)(high << 4 | low);
	}
	skip(t, 2 * len);
	return true;
}

static bool number(struct gdb_text *t, u64 *value)
{
	if (gdb_text_word(t, "-1")) {
		*value = GDB_ID_ALL;
		return true;
	}
	return gdb_text_hex(t, value);
}

bool gdb_text_id(struct gdb_text *t, struct gdb_id *id)
{
	id->process = GDB_ID_ANY;
	if (!gdb_text_char(t, 'p')) {
		return number(t, &id->thread);
	}
	if (!number(t, &id->process)) {
		return false;
	}
	id->thread = GDB_ID_ALL;
	return !gdb_text_char(t, '.') || number(t, &id->thread);
}
