/* SPDX-License-Identifier: MIT */
/*
 * The line that is typed: keys in, a line and what the terminal shows out. A
 * line that is longer than the terminal is shown through a window.
 */
#ifndef HV_CORE_DEBUG_EDITOR_H
#define HV_CORE_DEBUG_EDITOR_H

#include "core/debug/history.h"
#include "core/debug/screen.h"

#define EDITOR_PROMPT     "lethe> "
#define EDITOR_COLUMNS    78 /* of the terminal, prompt included */
#define EDITOR_NEEDLE_MAX 24

enum editor_event {
	EDITOR_NONE,
	EDITOR_ENTER,  /* the line is complete */
	EDITOR_CANCEL, /* Ctrl-C: it is given up */
	EDITOR_TAB,    /* it should be completed */
};

/* How far an escape sequence is */
enum editor_escape {
	EDITOR_PLAIN,
	EDITOR_ESCAPE, /* ESC */
	EDITOR_CSI,    /* ESC [ or ESC O */
};

struct editor {
	const struct history *history;
	u32 len;
	u32 cursor;
	u32 first;  /* the character at the left edge of the window */
	u32 drawn;  /* columns that the terminal shows, prompt included */
	bool moved; /* the line has to be drawn again */
	enum editor_escape escape;
	u32 parameter; /* of the escape sequence */
	u32 age;       /* of the history's line that is shown, 0: none */

	/* Ctrl-R */
	bool searching;
	u32 needle_len;
	char needle[EDITOR_NEEDLE_MAX];

	/* the line before the history was looked at */
	u32 kept_len;
	char kept[DEBUG_LINE_MAX];

	char text[DEBUG_LINE_MAX];
};

/* An empty line; nothing is drawn. */
void editor_reset(struct editor *e, const struct history *history);

/*
 * One byte of input. With EDITOR_ENTER, text and len are the line;
 * editor_reset() makes room for the next one.
 */
enum editor_event editor_key(struct editor *e, u8 byte, struct screen *screen);

/* Inserts text at the cursor, as far as there is room for it. */
void editor_insert(struct editor *e, const char *text, u32 len,
		   struct screen *screen);

/* Draws prompt and line where the terminal's line is empty. */
void editor_show(struct editor *e, struct screen *screen);

#endif
