/* SPDX-License-Identifier: MIT */
/* Words of a line: where they are, comparing them, numbers. */
#ifndef HV_CORE_DEBUG_WORD_H
#define HV_CORE_DEBUG_WORD_H

#include "base/types.h"

struct word {
	u32 at; /* position in the line */
	u32 len;
};

/*
 * The next word of `line` at or after position `from`. len == 0: there is none,
 * and `at` is the end of the line.
 */
struct word word_next(const char *line, size_t len, u32 from);

/* Is the word `name`, all of it? */
bool word_is(const char *word, size_t len, const char *name);

/* Does `name` begin with the word? */
bool word_begins(const char *word, size_t len, const char *name);

/*
 * An unsigned number: decimal digits, or hexadecimal ones after 0x. False if it
 * is not one or has more than 64 bits.
 */
bool word_number(const char *word, size_t len, u64 *number) __must_check;

#endif
