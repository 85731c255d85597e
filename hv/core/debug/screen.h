/* SPDX-License-Identifier: MIT */
/*
 * What one key does to the terminal. Nothing but printable characters, CR, LF,
 * BS and BEL, so that any terminal shows it; clearing the screen is the one
 * escape sequence.
 */
#ifndef HV_CORE_DEBUG_SCREEN_H
#define HV_CORE_DEBUG_SCREEN_H

#include "base/types.h"

#define SCREEN_MAX 640 /* bytes that one key makes at most */

#define SCREEN_CLEAR "\x1b[H\x1b[J"

struct screen {
	size_t len;
	char bytes[SCREEN_MAX];
};

/* What does not fit is left out. */
static inline void screen_put(struct screen *screen, const char *bytes,
			      size_t len)
{
	for (size_t i = 0; i < len && screen->len < SCREEN_MAX; i++) {
		screen->bytes[screen->len++] = bytes[i];
	}
}

static inline void screen_puts(struct screen *screen, const char *text)
{
	for (size_t i = 0; text[i] != 0; i++) {
		screen_put(screen, &text[i], 1);
	}
}

static inline void screen_repeat(struct screen *screen, char byte, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		screen_put(screen, &byte, 1);
	}
}

#endif
