/* SPDX-License-Identifier: MIT */
/* A ring of lines. */
#include "core/debug/history.h"

#include "common/lib/mem.h"

const char *history_at(const struct history *h, u32 age, u32 *len)
{
	u32 at;

	if (age == 0 || age > h->count) {
		return NULL;
	}
	at = (h->next + HISTORY_LINES - age) % HISTORY_LINES;
	*len = h->len[at];
	return h->line[at];
}

void history_add(struct history *h, const char *line, u32 len)
{
	u32 newest_len;
	const char *newest = history_at(h, 1, &newest_len);

	if (len == 0 || len > DEBUG_LINE_MAX ||
	    (newest != NULL && newest_len == len &&
	     memcmp(newest, line, len) == 0)) {
		return;
	}
	memcpy(h->line[h->next], line, len);
	h->len[h->next] = len;
	h->next = (h->next + 1) % HISTORY_LINES;
	h->count += h->count < HISTORY_LINES;
}

static bool contains(const char *line, u32 len, const char *needle,
		     u32 needle_len)
{
	for (u32 i = 0; i + needle_len <= len; i++) {
		if (memcmp(line + i, needle, needle_len) == 0) {
			return true;
		}
	}
	return false;
}

u32 history_find(const struct history *h, u32 age, const char *needle, u32 len)
{
	for (; age <= h->count; age++) {
		u32 line_len = 0;
		const char *line = history_at(h, age, &line_len);

		if (line != NULL && contains(line, line_len, needle, len)) {
			return age;
		}
	}
	return 0;
}
