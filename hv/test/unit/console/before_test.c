/* SPDX-License-Identifier: MIT */
/* The console of the boot before, printed at the start. */
#include "core/console/before.h"

#include <string.h>

#include "core/console/log.h"
#include "core/crash/kept_log.h"
#include "support/check.h"
#include "support/fake.h"

static struct crash_log memory;

static void say(const char *text)
{
	for (; *text != 0; text++) {
		kept_log_put((u8)*text);
	}
}

static void empty(void)
{
	log_flush();
	fake.uart_len = 0;
	fake.uart[0] = 0;
}

static void t_first_boot_prints_nothing(void)
{
	memset(&memory, 0, sizeof(memory));
	empty();
	before_print(&memory);
	before_print(NULL);
	CHECK_STR(fake.uart, "");
}

static void t_next_boot_prints_all_once(void)
{
	memset(&memory, 0, sizeof(memory));
	empty();
	before_print(&memory);
	say("one\n\x1b[2Jtwo\n\nend");
	(void)kept_log_panicked(false);
	before_print(&memory);
	CHECK_STR(fake.uart,
		  "[0] boot: log of before: boots=1 panics=1 bytes=16\n"
		  "[0] before: one\n[0] before: \\x1b[2Jtwo\n[0] before: \n"
		  "[0] before: end\n");
	empty();
	before_print(&memory);
	CHECK_STR(fake.uart,
		  "[0] boot: log of before: boots=2 panics=1 bytes=0\n");
}

/* As many lines as the memory has: more than the log's room. */
static void t_no_line_is_dropped(void)
{
	u32 lines = 0;

	memset(&memory, 0, sizeof(memory));
	empty();
	before_print(&memory);
	for (u32 i = 0; i < CRASH_LOG_TEXT_LEN; i++) {
		say("\n");
	}
	before_print(&memory);
	for (const char *at = fake.uart; *at != 0; at++) {
		lines += *at == '\n';
	}
	CHECK_EQ(lines, CRASH_LOG_TEXT_LEN + 1);
	CHECK(strstr(fake.uart, "dropped") == NULL);
}

static const struct test tests[] = {
	{"first_boot_prints_nothing", t_first_boot_prints_nothing},
	{"next_boot_prints_all_once", t_next_boot_prints_all_once},
	{"no_line_is_dropped", t_no_line_is_dropped},
};

const struct suite suite_before = SUITE("before", tests);
