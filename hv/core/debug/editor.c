/* SPDX-License-Identifier: MIT */
/*
 * Keys are a table. A key changes the line; then either one character is sent,
 * or the whole line is drawn again.
 */
#include "core/debug/editor.h"

#include "common/lib/mem.h"

#define CTRL(c)   ((c)&0x1f)
#define ESCAPE    0x1b
#define BACKSPACE 0x7f
#define SHIFT     16 /* characters by which the window moves */

#define NEEDLE_BEFORE "(find `"
#define NEEDLE_AFTER  "`) "

void editor_reset(struct editor *e, const struct history *history)
{
	*e = (struct editor){.history = history};
}

/* ---- drawing ---- */

static u32 put_prompt(const struct editor *e, struct screen *screen)
{
	size_t before = screen->len;

	if (e->searching) {
		screen_puts(screen, NEEDLE_BEFORE);
		screen_put(screen, e->needle, e->needle_len);
		screen_puts(screen, NEEDLE_AFTER);
	} else {
		screen_puts(screen, EDITOR_PROMPT);
	}
	return (u32)(screen->len - before);
}

/* Moves the window so that the cursor is in it; returns what of it is seen. */
static u32 place_window(struct editor *e, u32 width)
{
	if (e->cursor < e->first) {
		e->first = e->cursor > SHIFT ? e->cursor - SHIFT : 0;
	}
	if (e->cursor - e->first > width) {
		e->first = e->cursor - width + SHIFT;
	}
	return e->len - e->first < width ? e->len - e->first : width;
}

static void draw(struct editor *e, struct screen *screen)
{
	u32 before = e->drawn;
	u32 seen;

	screen_puts(screen, before != 0 ? "\r" : "");
	e->drawn = put_prompt(e, screen);
	seen = place_window(e, EDITOR_COLUMNS - e->drawn);
	screen_put(screen, e->text + e->first, seen);
	e->drawn += seen;
	/* blanks over what was there */
	before = before > e->drawn ? before - e->drawn : 0;
	screen_repeat(screen, ' ', before);
	screen_repeat(screen, '\b', before + seen - (e->cursor - e->first));
	e->moved = false;
}

void editor_show(struct editor *e, struct screen *screen)
{
	e->drawn = 0;
	draw(e, screen);
}

/* ---- changing the line ---- */

static void erase(struct editor *e, u32 from, u32 to)
{
	memmove(e->text + from, e->text + to, e->len - to);
	e->len -= to - from;
	e->cursor = from;
	e->moved = true;
}

static void replace(struct editor *e, const char *line, u32 len)
{
	memcpy(e->text, line, len);
	e->len = len;
	e->cursor = len;
	e->moved = true;
}

void editor_insert(struct editor *e, const char *text, u32 len,
		   struct screen *screen)
{
	bool at_end = e->cursor == e->len;

	if (len > DEBUG_LINE_MAX - e->len) {
		screen_puts(screen, "\a");
		len = DEBUG_LINE_MAX - e->len;
	}
	memmove(e->text + e->cursor + len, e->text + e->cursor,
		e->len - e->cursor);
	memcpy(e->text + e->cursor, text, len);
	e->len += len;
	e->cursor += len;
	if (at_end && !e->moved && e->drawn + len <= EDITOR_COLUMNS) {
		screen_put(screen, text, len);
		e->drawn += len;
		return;
	}
	draw(e, screen);
}

static void key_home(struct editor *e)
{
	e->cursor = 0;
	e->moved = true;
}

static void key_end(struct editor *e)
{
	e->cursor = e->len;
	e->moved = true;
}

static void key_left(struct editor *e)
{
	e->cursor -= e->cursor > 0;
	e->moved = true;
}

static void key_right(struct editor *e)
{
	e->cursor += e->cursor < e->len;
	e->moved = true;
}

static void key_backspace(struct editor *e)
{
	if (e->cursor > 0) {
		erase(e, e->cursor - 1, e->cursor);
	}
}

static void key_delete(struct editor *e)
{
	if (e->cursor < e->len) {
		erase(e, e->cursor, e->cursor + 1);
	}
}

static void key_cut_end(struct editor *e)
{
	erase(e, e->cursor, e->len);
}

static void key_cut_start(struct editor *e)
{
	erase(e, 0, e->cursor);
}

static void key_cut_word(struct editor *e)
{
	u32 from = e->cursor;

	while (from > 0 && e->text[from - 1] == ' ') {
		from--;
	}
	while (from > 0 && e->text[from - 1] != ' ') {
		from--;
	}
	erase(e, from, e->cursor);
}

/* ---- history ---- */

static void keep(struct editor *e)
{
	memcpy(e->kept, e->text, e->len);
	e->kept_len = e->len;
}

static void key_older(struct editor *e)
{
	u32 len;
	const char *line = history_at(e->history, e->age + 1, &len);

	if (line == NULL) {
		return;
	}
	if (e->age == 0) {
		keep(e);
	}
	e->age++;
	replace(e, line, len);
}

static void key_newer(struct editor *e)
{
	u32 len;
	const char *line;

	if (e->age == 0) {
		return;
	}
	e->age--;
	line = history_at(e->history, e->age, &len);
	if (line == NULL) {
		replace(e, e->kept, e->kept_len);
	} else {
		replace(e, line, len);
	}
}

static void key_search(struct editor *e)
{
	if (e->age == 0) {
		keep(e);
	}
	e->searching = true;
	e->needle_len = 0;
	e->age = 0;
	e->moved = true;
}

/* Shows the newest line from `age` on that has the needle, if there is one. */
static void find(struct editor *e, u32 age)
{
	u32 len = 0;
	u32 found = history_find(e->history, age, e->needle, e->needle_len);
	const char *line = history_at(e->history, found, &len);

	if (line != NULL && e->needle_len != 0) {
		e->age = found;
		replace(e, line, len);
	}
	e->moved = true;
}

/* ---- keys ---- */

static const struct {
	u8 byte;
	void (*act)(struct editor *e);
} keys[] = {
	{CTRL('A'), key_home},      {CTRL('E'), key_end},
	{CTRL('B'), key_left},      {CTRL('F'), key_right},
	{CTRL('H'), key_backspace}, {BACKSPACE, key_backspace},
	{CTRL('D'), key_delete},    {CTRL('K'), key_cut_end},
	{CTRL('U'), key_cut_start}, {CTRL('W'), key_cut_word},
	{CTRL('P'), key_older},     {CTRL('N'), key_newer},
	{CTRL('R'), key_search},
};

/* Escape sequences: the last byte and the number before it */
static const struct {
	u8 last;
	u8 parameter;
	u8 key;
} sequences[] = {
	{'A', 0, CTRL('P')}, {'B', 0, CTRL('N')}, {'C', 0, CTRL('F')},
	{'D', 0, CTRL('B')}, {'H', 0, CTRL('A')}, {'F', 0, CTRL('E')},
	{'~', 1, CTRL('A')}, {'~', 3, CTRL('D')}, {'~', 4, CTRL('E')},
	{'~', 7, CTRL('A')}, {'~', 8, CTRL('E')},
};

static void act(struct editor *e, u8 byte)
{
	for (u32 i = 0; i < ARRAY_SIZE(keys); i++) {
		if (keys[i].byte == byte) {
			keys[i].act(e);
		}
	}
}

/* The key that a byte is or ends; 0: none, or not yet. */
static u8 decode(struct editor *e, u8 byte)
{
	enum editor_escape was = e->escape;

	e->escape = EDITOR_PLAIN;
	if (byte == ESCAPE) {
		e->escape = EDITOR_ESCAPE;
		return 0;
	}
	if (was == EDITOR_PLAIN || byte < ' ') {
		return byte;
	}
	if (was == EDITOR_ESCAPE) {
		e->escape =
			byte == '[' || byte == 'O' ? EDITOR_CSI : EDITOR_PLAIN;
		e->parameter = 0;
		return 0;
	}
	if (byte < '@') { /* parameters; only small ones have a meaning */
		e->escape = EDITOR_CSI;
		e->parameter = (e->parameter * 10 + (byte & 0xfu)) % 1000;
		return 0;
	}
	for (u32 i = 0; i < ARRAY_SIZE(sequences); i++) {
		if (sequences[i].last == byte &&
		    sequences[i].parameter == e->parameter) {
			return sequences[i].key;
		}
	}
	return 0;
}

static bool is_printable(u8 byte)
{
	return byte >= ' ' && byte < BACKSPACE;
}

static void leave_search(struct editor *e)
{
	e->searching = false;
	e->moved = true;
}

/* While searching: true if the key was for the search. */
static bool search_key(struct editor *e, u8 key)
{
	if (is_printable(key)) {
		if (e->needle_len < EDITOR_NEEDLE_MAX) {
			e->needle[e->needle_len++] = (char)key;
		}
		find(e, e->age != 0 ? e->age : 1);
	} else if (key == CTRL('H') || key == BACKSPACE) {
		e->needle_len -= e->needle_len > 0;
		find(e, 1);
	} else if (key == CTRL('R')) {
		find(e, e->age + 1);
	} else if (key == CTRL('G')) {
		replace(e, e->kept, e->kept_len);
		e->age = 0;
		leave_search(e);
	} else {
		leave_search(e);
		return false;
	}
	return true;
}

static enum editor_event event_of(struct editor *e, u8 key,
				  struct screen *screen)
{
	if (key == '\r' || key == '\n') {
		if (e->moved || e->cursor != e->len) {
			key_end(e);
			draw(e, screen);
		}
		screen_puts(screen, "\r\n");
		e->drawn = 0;
		return EDITOR_ENTER;
	}
	if (key == CTRL('C')) {
		screen_puts(screen, "^C\r\n");
		e->drawn = 0;
		return EDITOR_CANCEL;
	}
	if (key == '\t' && e->moved) {
		draw(e, screen);
	}
	return key == '\t' ? EDITOR_TAB : EDITOR_NONE;
}

enum editor_event editor_key(struct editor *e, u8 byte, struct screen *screen)
{
	enum editor_event event;
	u8 key = decode(e, byte);

	if (key == 0) {
		return EDITOR_NONE;
	}
	if (e->searching && search_key(e, key)) {
		draw(e, screen);
		return EDITOR_NONE;
	}
	event = event_of(e, key, screen);
	if (event != EDITOR_NONE) {
		return event;
	}
	if (key == CTRL('L')) {
		screen_puts(screen, SCREEN_CLEAR);
		editor_show(e, screen);
	} else if (is_printable(key)) {
		char text = (char)key;

		editor_insert(e, &text, 1, screen);
	} else {
		act(e, key);
	}
	if (e->moved) {
		draw(e, screen);
	}
	return EDITOR_NONE;
}
