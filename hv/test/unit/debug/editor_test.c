/* SPDX-License-Identifier: MIT */
/*
 * The editor against a small terminal: what it shows is prompt and line, with
 * the cursor where the editor has it.
 */
#include "core/debug/editor.h"

#include <string.h>

#include "support/call.h"
#include "support/check.h"

#define COLUMNS 80

static struct editor e;
static struct history history;
static struct screen screen;

/* One line of a terminal that knows CR, LF, BS and printable characters */
static struct {
	char text[COLUMNS + 1];
	u32 column;
} terminal;

static void new_line(void)
{
	memset(terminal.text, ' ', COLUMNS);
	terminal.text[COLUMNS] = 0;
	terminal.column = 0;
}

static void show(void)
{
	CHECK(screen.len < SCREEN_MAX);
	for (u32 i = 0; i < screen.len; i++) {
		char byte = screen.bytes[i];

		if (byte == '\r') {
			terminal.column = 0;
		} else if (byte == '\n') {
			new_line();
		} else if (byte == '\b') {
			CHECK(terminal.column > 0);
			terminal.column--;
		} else if (byte != '\a') {
			CHECK(byte >= ' ' && byte < 0x7f);
			CHECK(terminal.column < COLUMNS - 1);
			terminal.text[terminal.column++] = byte;
		}
	}
	screen.len = 0;
}

static enum editor_event key(u8 byte)
{
	enum editor_event event = editor_key(&e, byte, &screen);

	show();
	return event;
}

static enum editor_event type(const char *keys)
{
	enum editor_event event = EDITOR_NONE;

	for (; *keys != 0; keys++) {
		event = key((u8)*keys);
	}
	return event;
}

static void begin(void)
{
	editor_reset(&e, &history);
	new_line();
	editor_show(&e, &screen);
	show();
}

static void setup(void)
{
	memset(&history, 0, sizeof(history));
	screen.len = 0;
	begin();
}

/* What the terminal shows, without the blanks at its end. */
static const char *shown(void)
{
	static char text[COLUMNS + 1];
	size_t len = COLUMNS;

	while (len > 0 && terminal.text[len - 1] == ' ') {
		len--;
	}
	memcpy(text, terminal.text, len);
	text[len] = 0;
	return text;
}

static const char *line(void)
{
	static char text[DEBUG_LINE_MAX + 1];

	memcpy(text, e.text, e.len);
	text[e.len] = 0;
	return text;
}

static void t_keys_edit_the_line(void)
{
	static const struct {
		const char *keys;
		const char *line;
		u32 cursor;
	} rows[] = {
		/* clang-format off */
		{"abc", "abc", 3},
		{"abc\x01x", "xabc", 1},
		{"abc\x01\x05x", "abcx", 4},
		{"abc\x02\x02x", "axbc", 2},
		{"abc\x02\x02\x06x", "abxc", 3},
		{"abc\x7f", "ab", 2},
		{"abc\x08\x08", "a", 1},
		{"\x08\x7f", "", 0},
		{"abc\x01\x04", "bc", 0},
		{"abc\x04", "abc", 3},
		{"abc def\x02\x02\x0b", "abc d", 5},
		{"abc def\x02\x02\x15", "ef", 0},
		{"abc def  \x17", "abc ", 4},
		{"abc def\x17\x17\x17", "", 0},
		{"abc\x1b[D\x1b[Dx", "axbc", 2},
		{"abc\x1b[D\x1b[D\x1b[Cx", "abxc", 3},
		{"abc\x1b[Hx\x1b[Fy", "xabcy", 5},
		{"abc\x1bOHx\x1bOFy", "xabcy", 5},
		{"abc\x1b[1~x\x1b[4~y", "xabcy", 5},
		{"abc\x1b[H\x1b[3~", "bc", 0},
		{"abc\x1b[200~x", "abcx", 4},
		{"abc\x1bx", "abc", 3},
		{"a\x1b\x1b[Db", "ba", 1},
		{"a\x1b[\x01""b", "ba", 1},
		{"a\x80\xff\x1f""b", "ab", 2},
		/* clang-format on */
	};

	for (u32 i = 0; i < ARRAY_SIZE(rows); i++) {
		setup();
		CHECK_EQ(type(rows[i].keys), EDITOR_NONE);
		CHECK_STR(line(), rows[i].line);
		CHECK_EQ(e.cursor, rows[i].cursor);
		CHECK_EQ(memcmp(shown(), EDITOR_PROMPT,
				strlen(EDITOR_PROMPT) - 1),
			 0);
		CHECK_EQ(memcmp(terminal.text + strlen(EDITOR_PROMPT), e.text,
				e.len),
			 0);
		CHECK(strlen(shown()) <= strlen(EDITOR_PROMPT) + e.len);
		CHECK_EQ(terminal.column,
			 strlen(EDITOR_PROMPT) + rows[i].cursor);
	}
}

static void t_lines_end(void)
{
	setup();
	CHECK_EQ(type("ab\r"), EDITOR_ENTER);
	CHECK_STR(line(), "ab");
	setup();
	CHECK_EQ(type("ab\x02\n"), EDITOR_ENTER);
	setup();
	CHECK_EQ(type("ab\x03"), EDITOR_CANCEL);
	setup();
	CHECK_EQ(type("ab\t"), EDITOR_TAB);
}

/* A character in the middle of a paste costs one byte, or a whole line now and
   then. */
static void t_typing_echoes(void)
{
	size_t sent = 0;

	setup();
	for (u32 i = 0; i < DEBUG_LINE_MAX; i++) {
		CHECK_EQ(editor_key(&e, 'x', &screen), EDITOR_NONE);
		sent += screen.len;
		show();
	}
	CHECK_EQ(e.len, DEBUG_LINE_MAX);
	CHECK(sent < 8 * DEBUG_LINE_MAX);
	/* no more room: a bell */
	CHECK_EQ(editor_key(&e, 'x', &screen), EDITOR_NONE);
	CHECK_EQ(screen.bytes[0], '\a');
	CHECK_EQ(e.len, DEBUG_LINE_MAX);
}

static void t_long_lines_have_a_window(void)
{
	setup();
	for (u32 i = 0; i < 100; i++) {
		(void)key((u8)('a' + i % 26));
	}
	CHECK(strstr(line(), shown() + strlen(EDITOR_PROMPT)) != NULL);
	CHECK_EQ(shown()[strlen(shown()) - 1], e.text[99]);
	(void)type("\x01");
	CHECK_EQ(terminal.column, strlen(EDITOR_PROMPT));
	CHECK_EQ(memcmp(shown() + strlen(EDITOR_PROMPT), e.text, 20), 0);
}

static void enter(const char *text)
{
	begin();
	(void)type(text);
	history_add(&history, e.text, e.len);
}

static void t_history_goes_up_and_down(void)
{
	setup();
	enter("one");
	enter("two");
	enter("two");
	enter("");
	enter("three");
	begin();
	(void)type("mine\x1b[A");
	CHECK_STR(line(), "three");
	(void)type("\x10");
	CHECK_STR(line(), "two");
	CHECK_STR(shown(), EDITOR_PROMPT "two");
	(void)type("\x10\x10\x10");
	CHECK_STR(line(), "one");
	(void)type("\x0e\x1b[B");
	CHECK_STR(line(), "three");
	(void)type("\x0e");
	CHECK_STR(line(), "mine");
	(void)type("\x0e");
	CHECK_STR(line(), "mine");
}

static void t_history_keeps_the_newest(void)
{
	char text[8] = "a0";

	setup();
	for (u32 i = 0; i < HISTORY_LINES + 8; i++) {
		text[0] = (char)('a' + i / 8);
		text[1] = (char)('0' + i % 8);
		enter(text);
	}
	begin();
	for (u32 i = 0; i < HISTORY_LINES + 3; i++) {
		(void)key(0x10);
	}
	CHECK_STR(line(), "b0");
}

static void t_search_finds_older_lines(void)
{
	setup();
	enter("walk a:0 0x1000");
	enter("vp a:1");
	enter("walk a:1 0x2000");
	begin();
	(void)type("keep\x12wal");
	CHECK_STR(line(), "walk a:1 0x2000");
	CHECK_STR(shown(), "(find `wal`) walk a:1 0x2000");
	(void)type("\x12");
	CHECK_STR(line(), "walk a:0 0x1000");
	(void)type("\x12");
	CHECK_STR(line(), "walk a:0 0x1000");
	(void)type("k a:1");
	CHECK_STR(line(), "walk a:0 0x1000"); /* nothing older has it */
	(void)type("\x08\x08\x08\x08\x08");
	CHECK_STR(line(), "walk a:1 0x2000");
	(void)type("\x02");
	CHECK_STR(shown(), EDITOR_PROMPT "walk a:1 0x2000");
	CHECK_EQ(type("\x12vp\r"), EDITOR_ENTER);
	CHECK_STR(line(), "vp a:1");
	begin();
	(void)type("keep\x12vp\x07");
	CHECK_STR(line(), "keep");
}

static void t_the_screen_is_cleared(void)
{
	setup();
	(void)type("abc\x02");
	CHECK_EQ(editor_key(&e, 0x0c, &screen), EDITOR_NONE);
	CHECK_EQ(memcmp(screen.bytes, SCREEN_CLEAR, strlen(SCREEN_CLEAR)), 0);
}

/* Any bytes: bounded output, a cursor inside the line, the same on the screen.
 */
static void t_random_keys(void)
{
	static const char often[] = "abc \x01\x02\x05\x06\x08\x0b\x0e\x10\x12"
				    "\x15\x17\x1b[ABCD3~\r";

	setup();
	call_seed(14);
	for (u32 i = 0; i < 200000; i++) {
		u8 byte = call_random_below(8) != 0
				  ? (u8)often[call_random_below(sizeof(often) -
								1)]
				  : (u8)call_random_below(256);

		if (byte == 0x0c) {
			continue; /* the terminal knows no escape sequence */
		}
		if (key(byte) == EDITOR_ENTER) {
			history_add(&history, e.text, e.len);
			begin();
		} else if (terminal.column == 0) {
			begin(); /* Ctrl-C */
		}
		CHECK(e.cursor <= e.len && e.len <= DEBUG_LINE_MAX);
		CHECK(e.first <= e.cursor);
		CHECK(terminal.column <= EDITOR_COLUMNS);
		if (!e.searching) {
			CHECK_EQ(terminal.column,
				 strlen(EDITOR_PROMPT) + e.cursor - e.first);
		}
	}
}

static const struct test tests[] = {
	{"keys-edit-the-line", t_keys_edit_the_line},
	{"lines-end", t_lines_end},
	{"typing-echoes", t_typing_echoes},
	{"long-lines-have-a-window", t_long_lines_have_a_window},
	{"history-goes-up-and-down", t_history_goes_up_and_down},
	{"history-keeps-the-newest", t_history_keeps_the_newest},
	{"search-finds-older-lines", t_search_finds_older_lines},
	{"the-screen-is-cleared", t_the_screen_is_cleared},
	{"random-keys", t_random_keys},
};

const struct suite suite_debug_editor = SUITE("debug_editor", tests);
