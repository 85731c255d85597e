/* SPDX-License-Identifier: MIT */
/*
 * Puts a sentence together in a fixed buffer, for the messages of the parsers.
 * Always ends with a 0; what does not fit is left out.
 */
#ifndef HV_COMMON_LIB_TEXT_H
#define HV_COMMON_LIB_TEXT_H

#include "base/types.h"

struct text {
	char *to;
	size_t room; /* with the final 0, at least 1 */
	size_t len;
};

struct text text_start(char *to, size_t room);
void text_put(struct text *t, const char *words);

/* At most `max` bytes of untrusted text; \xNN for what cannot be printed. */
void text_quote(struct text *t, const char *bytes, size_t len, size_t max);

void text_dec(struct text *t, u64 number);
void text_hex(struct text *t, u64 number); /* with 0x */

#endif
