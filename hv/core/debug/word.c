/* SPDX-License-Identifier: MIT */
/* A word is what blanks end. */
#include "core/debug/word.h"

#include "common/lib/digit.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

struct word word_next(const char *line, size_t len, u32 from)
{
	struct word word = {.at = from};

	while (word.at < len && is_blank(line[word.at])) {
		word.at++;
	}
	while (word.at + word.len < len &&
	       !is_blank(line[word.at + word.len])) {
		word.len++;
	}
	return word;
}

bool word_begins(const char *word, size_t len, const char *name)
{
	for (size_t i = 0; i < len; i++) {
		/* also where the name ends: no word has a 0 */
		if (word[i] != name[i]) {
			return false;
		}
	}
	return true;
}

bool word_is(const char *word, size_t len, const char *name)
{
	return word_begins(word, len, name) && name[len] == 0;
}

bool word_number(const char *word, size_t len, u64 *number)
{
	u64 base = 10;
	size_t i = 0;

	if (len > 2 && word[0] == '0' && (word[1] == 'x' || word[1] == 'X')) {
		base = 16;
		i = 2;
	}
	*number = 0;
	if (i == len) {
		return false;
	}
	for (; i < len; i++) {
		u64 digit = digit_value(word[i]);

		if (digit >= base || *number > (~0ull - digit) / base) {
			return false;
		}
		*number = *number * base + digit;
	}
	return true;
}
