/* SPDX-License-Identifier: MIT */
/* The lines that were entered last. */
#ifndef HV_CORE_DEBUG_HISTORY_H
#define HV_CORE_DEBUG_HISTORY_H

#include "core/debug/command.h"

#define HISTORY_LINES 32

struct history {
	u32 count;
	u32 next; /* where the next line goes */
	u32 len[HISTORY_LINES];
	char line[HISTORY_LINES][DEBUG_LINE_MAX];
};

/* Keeps the line, unless it is empty or the newest one once more. */
void history_add(struct history *h, const char *line, u32 len);

/* The line that is `age` lines old, from 1 (the newest) on; NULL: none. */
const char *history_at(const struct history *h, u32 age, u32 *len);

/*
 * The age of the newest line that is at least `age` old and contains `needle`;
 * 0: none.
 */
u32 history_find(const struct history *h, u32 age, const char *needle, u32 len);

#endif
