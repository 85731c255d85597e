/* SPDX-License-Identifier: MIT */
/* Lines of a guest's output, gathered byte by byte; no log and no UART. */
#include "core/emulate/guest_line.h"

#include <string.h>

#include "support/check.h"

static struct guest_line line;

static char lines[1024]; /* completed ones, each in brackets */
static size_t lines_len;

static void add(char byte)
{
	CHECK(lines_len < sizeof(lines) - 1);
	lines[lines_len++] = byte;
	lines[lines_len] = 0;
}

static void take_line(void)
{
	add('[');
	for (u32 i = 0; i < line.len; i++) {
		add(line.text[i]);
	}
	add(']');
	guest_line_next(&line);
}

static void start(void)
{
	line = (struct guest_line){0};
	lines_len = 0;
	lines[0] = 0;
}

static void put(const char *text)
{
	for (; *text != 0; text++) {
		guest_line_put(&line, (u8)*text);
		if (line.done) {
			take_line();
		}
	}
}

struct row {
	const char *bytes;
	const char *want; /* the lines, in brackets */
	u32 left;         /* bytes of the line that is not complete */
};

static void run_rows(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		start();
		put(rows[i].bytes);
		CHECK_STR(lines, rows[i].want);
		CHECK_EQ(line.len, rows[i].left);
	}
}

#define RUN(rows) run_rows(rows, ARRAY_SIZE(rows))

static void t_lf_ends_a_line(void)
{
	static const struct row rows[] = {
		{"", "", 0},
		{"ab", "", 2},
		{"ab\n", "[ab]", 0},
		{"ab\ncd", "[ab]", 2},
		{"ab\ncd\n", "[ab][cd]", 0},
		{"\t\x7f\n", "[\t\x7f]", 0},
	};

	RUN(rows);
}

static void t_empty_lines_are_kept(void)
{
	static const struct row rows[] = {
		{"\n", "[]", 0},
		{"\n\n", "[][]", 0},
		{"a\n\nb\n", "[a][][b]", 0},
	};

	RUN(rows);
}

static void t_cr_is_ignored(void)
{
	static const struct row rows[] = {
		{"\r", "", 0},           {"ab\r\n", "[ab]", 0},
		{"\r\n\r\n", "[][]", 0}, {"a\n\rb\n", "[a][b]", 0},
		{"a\rb\n", "[ab]", 0},
	};

	RUN(rows);
}

static void put_many(char byte, u32 count)
{
	char text[2] = {byte, 0};

	for (u32 i = 0; i < count; i++) {
		put(text);
	}
}

/* `len` bytes and `then` make so many lines and leave so many bytes. */
static void t_line_is_cut_at_the_maximum(void)
{
	static const struct {
		u32 len;
		const char *then;
		u32 lines;
		u32 left;
	} rows[] = {
		{GUEST_LINE_MAX - 1, "", 0, GUEST_LINE_MAX - 1},
		{GUEST_LINE_MAX - 1, "\n", 1, 0},
		{GUEST_LINE_MAX, "", 1, 0},
		{GUEST_LINE_MAX, "\n", 1, 0},   /* no empty line */
		{GUEST_LINE_MAX, "\r\n", 1, 0}, /* nor here */
		{GUEST_LINE_MAX, "\r", 1, 0},
		{GUEST_LINE_MAX, "\n\n", 2, 0}, /* only one LF is its end */
		{GUEST_LINE_MAX, "b\n", 2, 0},
		{GUEST_LINE_MAX, "b\n\n", 3, 0},
		{GUEST_LINE_MAX, "b", 1, 1},
		{GUEST_LINE_MAX + 1, "\n", 2, 0},
		{2 * GUEST_LINE_MAX, "\n", 2, 0},
		{2 * GUEST_LINE_MAX, "\n\n", 3, 0},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		u32 found = 0;

		start();
		put_many('a', rows[i].len);
		put(rows[i].then);
		for (size_t at = 0; at < lines_len; at++) {
			found += lines[at] == ']' ? 1 : 0;
		}
		/* a failure shows the row's number above the value */
		CHECK_EQ(i << 16 | found, i << 16 | rows[i].lines);
		CHECK_EQ(i << 16 | line.len, i << 16 | rows[i].left);
	}
}

static void t_cut_line_has_every_byte(void)
{
	start();
	for (u32 i = 0; i < GUEST_LINE_MAX; i++) {
		CHECK(!line.done);
		guest_line_put(&line, (u8)('0' + i % 10));
	}
	CHECK(line.done);
	CHECK_EQ(line.len, GUEST_LINE_MAX);
	for (u32 i = 0; i < GUEST_LINE_MAX; i++) {
		CHECK_EQ(line.text[i], '0' + i % 10);
	}
}

/* A line that waits is complete until the next one begins. */
static void t_line_stays_done_until_the_next(void)
{
	start();
	guest_line_put(&line, 'x');
	CHECK(!line.done);
	guest_line_put(&line, '\n');
	CHECK(line.done);
	CHECK_EQ(line.len, 1);
	guest_line_next(&line);
	CHECK(!line.done);
	CHECK_EQ(line.len, 0);
}

static void t_end_completes_what_has_begun(void)
{
	start();
	guest_line_end(&line);
	CHECK(!line.done);
	put("ab\nno end");
	guest_line_end(&line);
	CHECK(line.done);
	take_line();
	CHECK_STR(lines, "[ab][no end]");
	guest_line_end(&line);
	CHECK(!line.done);
}

#define T(name)                                                                \
	{                                                                      \
#name, t_##name                                                \
	}

static const struct test tests[] = {
	T(lf_ends_a_line),
	T(empty_lines_are_kept),
	T(cr_is_ignored),
	T(line_is_cut_at_the_maximum),
	T(cut_line_has_every_byte),
	T(line_stays_done_until_the_next),
	T(end_completes_what_has_begun),
};

const struct suite suite_guest_line = SUITE("guest_line", tests);
