/* SPDX-License-Identifier: MIT */
/* Who has COM1: order of arrival, shares under overload, cuts for answers. */
#include "core/console/log_room.h"

#include <stdio.h>
#include <string.h>

#include "core/console/answer.h"
#include "core/console/log.h"
#include "core/console/log_sender.h"
#include "support/check.h"
#include "support/fake.h"

static const char one[] = "one";
static const char two[] = "two";
static char wide[200 + 1];

static void start(void)
{
	fake.uart_busy = false;
	log_flush();
	log_flush();
	fake.uart_len = 0;
	fake.uart[0] = 0;
	log_room_open(0, one);
	log_room_open(1, two);
	memset(wide, 'w', sizeof(wide) - 1);
}

static const char *drained(void)
{
	fake.uart_busy = false;
	log_flush();
	return fake.uart;
}

static bool guest(const char *name, const char *text)
{
	return log_guest_line(name, text, strlen(text), false);
}

/* Little waits: the order is that of arrival, over all rooms. */
static void t_order_of_arrival(void)
{
	start();
	CHECK(guest(one, "a"));
	CHECK(guest(one, "b"));
	CHECK(guest(two, "c"));
	log_line("boot", "d");
	CHECK(guest(two, "e"));
	CHECK(guest(one, "f"));
	log_line(two, "g");
	CHECK_STR(drained(), "one| a\none| b\ntwo| c\n[0] boot: d\ntwo| e\n"
			     "one| f\n[0] two: g\n");
}

static u32 lines_of(const char *text, const char *beginning)
{
	u32 count = 0;

	while (text != NULL) {
		count += strncmp(text, beginning, strlen(beginning)) == 0;
		text = strchr(text, '\n');
		text = text != NULL ? text + 1 : NULL;
	}
	return count;
}

static void fill(const char *name, const char *text)
{
	while (guest(name, text)) {
	}
}

/* A flood of short lines and one of long lines have the same bytes. */
static void t_shares_are_in_bytes(void)
{
	char text[152];
	size_t bytes[2] = {0, 0};

	start();
	memset(text, 'x', 151);
	text[151] = 0;
	fill(one, "");
	for (u32 i = 0; i < 200; i++) {
		CHECK(guest(two, text));
	}
	log_drain(20000);
	bytes[0] = lines_of(fake.uart, "one| ") * strlen("one| \n");
	bytes[1] = lines_of(fake.uart, "two| ") * (strlen(text) + 6);
	CHECK(bytes[0] > 9000 && bytes[0] < 11000);
	CHECK(bytes[1] > 9000 && bytes[1] < 11000);
	(void)drained();
}

/*
 * A room that said nothing while others sent much has saved nothing: from its
 * first line on, the shares are equal.
 */
static void t_virtual_time_goes_on(void)
{
	start();
	for (u32 i = 0; i < 3; i++) {
		fill(one, "0123456789");
		log_drain(60000);
	}
	fill(one, "0123456789");
	fill(two, "0123456789");
	size_t before = fake.uart_len;

	log_drain(20000);
	u32 lines = lines_of(fake.uart + before, "one| ");

	CHECK(lines > 400 && lines < 800);
	lines = lines_of(fake.uart + before, "two| ");
	CHECK(lines > 400 && lines < 800);
	(void)drained();
}

/* One line of a room that was empty is next, whatever waits in the others. */
static void t_a_line_comes_at_once_under_overload(void)
{
	start();
	fill(one, "flood");
	log_drain(1000);
	CHECK(guest(two, "at last"));
	log_line("boot", "ours");
	size_t before = fake.uart_len;

	log_drain(100);
	CHECK(strstr(fake.uart + before, "two| at last\n") != NULL);
	CHECK(strstr(fake.uart + before, "[0] boot: ours\n") != NULL);
	(void)drained();
}

/* A guest's flood does not keep its own end from being printed. */
static void t_last_lines_have_room(void)
{
	start();
	fill(one, "flood");
	for (u32 i = 0; i < 1000; i++) {
		log_line(one, "one of many");
	}
	log_last_line(one, "stopped");
	CHECK(!guest(one, "more"));
	CHECK(strstr(drained(), "[0] log: dropped lines=") != NULL);
	const char *end =
		fake.uart + fake.uart_len - strlen("[0] one: stopped\n");

	CHECK_STR(end, "[0] one: stopped\n");
	/* the room of others is not affected */
	CHECK(guest(one, "again"));
}

static void answer(const char *text)
{
	console_answer_put(text, strlen(text));
}

/* What is left of a line is short: it ends before the answer begins. */
static void t_answer_waits_for_the_end_of_a_line(void)
{
	start();
	CHECK(log_guest_line(one, wide, 150, false));
	CHECK(guest(two, "later"));
	log_drain(60);
	answer("answer\n");
	CHECK(strstr(drained(), "www\nanswer\ntwo| later\n") != NULL);
	CHECK(strchr(fake.uart, '~') == NULL);
}

/* Much is left: the line is cut, at once. */
static void t_long_line_is_cut_for_an_answer(void)
{
	char want[300];

	start();
	CHECK(log_guest_line(one, wide, 200, false));
	log_drain(20);
	answer("answer\n");
	answer("more\n");
	snprintf(want, sizeof(want),
		 "one| %.15s~\nanswer\nmore\none|~ %.185s\n", wide, wide);
	CHECK_STR(drained(), want);
	/* a line of the hypervisor begins with no name */
	fake.uart_len = 0;
	log_line("x", "%s%s", "0123456789", wide);
	log_drain(17);
	answer("!\n");
	CHECK(strncmp(drained(), "[0] x: 0123456789~\n!\n|~ www", 27) == 0);
}

/* Wherever the answer comes: at most 128 bytes, the name and marks later. */
static void t_answer_begins_within_128_bytes(void)
{
	for (u32 at = 0; at <= 206; at++) {
		start();
		CHECK(log_guest_line(one, wide, 200, false));
		log_drain(at);
		answer("!\n");
		(void)drained();
		const char *found = strchr(fake.uart, '!');

		CHECK(found != NULL);
		CHECK((size_t)(found - fake.uart) <= at + LOG_SENDER_REST + 2);
		/* nothing of the line is lost */
		u32 count = 0;

		for (const char *c = fake.uart; *c != 0; c++) {
			count += *c == 'w';
		}
		CHECK_EQ(count, 200);
	}
}

/* A prompt: lines go below it, and its writer is told. */
static void t_lines_below_a_prompt(void)
{
	start();
	answer("lethe> he");
	CHECK_STR(drained(), "lethe> he");
	CHECK(!console_answer_is_hidden());
	CHECK(guest(one, "a"));
	CHECK(guest(one, "b"));
	CHECK_STR(drained(), "lethe> he\none| a\none| b\n");
	CHECK(console_answer_is_hidden());
	answer("lethe> he");
	CHECK(!console_answer_is_hidden());
	answer("\n");
	CHECK(guest(one, "c"));
	CHECK_STR(drained(), "lethe> he\none| a\none| b\nlethe> he\none| c\n");
	CHECK(!console_answer_is_hidden());
}

/* An answer without end: a line comes after each 4 KiB. */
static void t_endless_answer_leaves_room_for_lines(void)
{
	u32 lines;

	start();
	for (u32 i = 0; i < 10; i++) {
		CHECK(log_guest_line(one, wide, 200, false));
	}
	for (u32 i = 0; i < 4000; i++) {
		while (console_answer_room() < 10) {
			log_drain(16);
		}
		answer("012345678\n");
	}
	lines = lines_of(fake.uart, "one| ");
	CHECK(lines >= 7 && lines < 10);
	(void)drained();
	CHECK_EQ(lines_of(fake.uart, "one| "), 10);
	CHECK_EQ(lines_of(fake.uart, "012345678"), 4000);
	CHECK(strchr(fake.uart, '~') == NULL);
}

static void t_answer_has_room_of_its_own(void)
{
	start();
	fill(one, "flood");
	CHECK_EQ(console_answer_room(), CONSOLE_ANSWER_SIZE);
	answer("x\n");
	CHECK_EQ(console_answer_room(), CONSOLE_ANSWER_SIZE - 2);
	CHECK(console_answer_pending());
	fake.uart_busy = true;
	log_drain(100);
	CHECK_EQ(fake.uart_len, 0);
	(void)drained();
	CHECK(strncmp(fake.uart, "x\none| flood\n", 13) == 0);
	CHECK(!console_answer_pending());
	CHECK(!log_pending());
}

static const struct test tests[] = {
	{"order-of-arrival", t_order_of_arrival},
	{"shares-are-in-bytes", t_shares_are_in_bytes},
	{"virtual-time-goes-on", t_virtual_time_goes_on},
	{"a-line-comes-at-once-under-overload",
	 t_a_line_comes_at_once_under_overload},
	{"last-lines-have-room", t_last_lines_have_room},
	{"answer-waits-for-the-end-of-a-line",
	 t_answer_waits_for_the_end_of_a_line},
	{"long-line-is-cut-for-an-answer", t_long_line_is_cut_for_an_answer},
	{"answer-begins-within-128-bytes", t_answer_begins_within_128_bytes},
	{"lines-below-a-prompt", t_lines_below_a_prompt},
	{"endless-answer-leaves-room-for-lines",
	 t_endless_answer_leaves_room_for_lines},
	{"answer-has-room-of-its-own", t_answer_has_room_of_its_own},
};

const struct suite suite_room = SUITE("room", tests);
