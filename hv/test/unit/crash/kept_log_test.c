/* SPDX-License-Identifier: MIT */
/* What one boot records and the next one finds, with damage in between. */
#include "core/crash/kept_log.h"

#include <stdio.h>
#include <string.h>

#include "support/check.h"

static struct crash_log memory;

static void say(const char *text)
{
	for (; *text != 0; text++) {
		kept_log_put((u8)*text);
	}
}

static void fresh(void)
{
	memset(&memory, 0xa5, sizeof(memory));
	(void)kept_log_open(&memory);
	kept_log_begin();
}

static const char *line(u32 *at, bool *more)
{
	static char text[64];
	size_t len = kept_log_line(at, text, sizeof(text) - 1, more);

	text[len] = 0;
	return text;
}

static void t_unknown_memory_says_nothing(void)
{
	memset(&memory, 0xa5, sizeof(memory));
	struct kept_log_before found = kept_log_open(&memory);

	CHECK_EQ(found.boots + found.panics + found.len, 0);
	CHECK_EQ(memory.text[0], 0xa5);
	found = kept_log_open(NULL);
	CHECK_EQ(found.len, 0);
	kept_log_begin();
	say("nowhere");
	CHECK_EQ(kept_log_panicked(false), 0);
}

static void t_next_boot_finds_the_lines(void)
{
	u32 at = 0;
	bool more;

	fresh();
	say("one\n\nthree");
	struct kept_log_before found = kept_log_open(&memory);

	CHECK_EQ(found.boots, 1);
	CHECK_EQ(found.panics, 0);
	CHECK_EQ(found.len, 10);
	CHECK_STR(line(&at, &more), "one");
	CHECK_STR(line(&at, &more), "");
	CHECK(more);
	CHECK_STR(line(&at, &more), "three");
	CHECK(more);
	CHECK_STR(line(&at, &more), "");
	CHECK(!more);
	kept_log_begin();
	CHECK_EQ(kept_log_open(&memory).boots, 2);
	CHECK_EQ(kept_log_open(&memory).len, 0);
}

static void t_ring_keeps_the_last_bytes(void)
{
	char text[16];
	u32 at = 0;
	bool more;

	fresh();
	for (u32 i = 0; i < 5000; i++) {
		(void)snprintf(text, sizeof(text), "n%06u\n", i);
		say(text);
	}
	CHECK_EQ(kept_log_open(&memory).len, CRASH_LOG_TEXT_LEN);
	/* 8 bytes a line: exactly 2048 of them */
	for (u32 i = 5000 - CRASH_LOG_TEXT_LEN / 8; i < 5000; i++) {
		(void)snprintf(text, sizeof(text), "n%06u", i);
		CHECK_STR(line(&at, &more), text);
	}
	CHECK_STR(line(&at, &more), "");
	CHECK(!more);
}

static void t_long_line_is_cut(void)
{
	char text[4];
	u32 at = 0;
	bool more;

	fresh();
	say("abcdefgh\nxy\n");
	(void)kept_log_open(&memory);
	CHECK_EQ(kept_log_line(&at, text, sizeof(text), &more), 4);
	CHECK_EQ(memcmp(text, "abcd", 4), 0);
	CHECK_STR(line(&at, &more), "xy");
}

/* Any byte that changes makes the whole invalid, at any moment. */
static void t_damage_is_noticed(void)
{
	u8 *bytes = (u8 *)&memory;

	fresh();
	say("text");
	for (size_t i = 0; i < 256; i++) {
		size_t at = i < 48 ? i : 40 + i * 64;

		if (at >=
		    offsetof(struct crash_log, text) + sizeof memory.text) {
			break;
		}
		bytes[at] ^= 1;
		CHECK_EQ(kept_log_open(&memory).boots, 0);
		bytes[at] ^= 1;
		CHECK_EQ(kept_log_open(&memory).boots, 1);
	}
}

static void t_panics_in_a_row_are_counted(void)
{
	fresh();
	for (u32 i = 1; i <= 4; i++) {
		CHECK_EQ(kept_log_panicked(false), i);
		CHECK_EQ(kept_log_open(&memory).panics, i);
		CHECK_EQ(kept_log_panics(), i);
		kept_log_begin();
	}
	CHECK_EQ(kept_log_panicked(true), 1);
	CHECK_EQ(kept_log_open(&memory).panics, 1);
}

static void t_good_end_leaves_nothing(void)
{
	fresh();
	(void)kept_log_panicked(false);
	(void)kept_log_open(&memory);
	kept_log_begin();
	say("text");
	kept_log_forget();
	say("more");
	CHECK_EQ(kept_log_open(&memory).boots, 0);
	CHECK_EQ(kept_log_panics(), 0);
}

/* A CPU that an NMI stops, or that panics itself, while it notes a byte. */
static void t_a_panic_in_the_middle_of_a_byte(void)
{
	fresh();
	say("before");
	memory.sum += 77;
	say("panic");
	CHECK_EQ(kept_log_panicked(false), 1);
	say("more");
	struct kept_log_before found = kept_log_open(&memory);

	CHECK_EQ(found.panics, 1);
	CHECK_EQ(found.len, 15);
}

static const struct test tests[] = {
	{"unknown_memory_says_nothing", t_unknown_memory_says_nothing},
	{"next_boot_finds_the_lines", t_next_boot_finds_the_lines},
	{"ring_keeps_the_last_bytes", t_ring_keeps_the_last_bytes},
	{"long_line_is_cut", t_long_line_is_cut},
	{"damage_is_noticed", t_damage_is_noticed},
	{"panics_in_a_row_are_counted", t_panics_in_a_row_are_counted},
	{"good_end_leaves_nothing", t_good_end_leaves_nothing},
	{"panic-in-the-middle-of-a-byte", t_a_panic_in_the_middle_of_a_byte},
};

const struct suite suite_kept_log = SUITE("kept_log", tests);
