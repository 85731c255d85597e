/* SPDX-License-Identifier: MIT */
/* Refusals of lethe.conf: the line and the whole sentence of each. */
#include "common/config/parse.h"

#include <string.h>

#include "support/check.h"
#include "support/config_text.h"

#define PARTITION "[partition a]\nimage = g\nmemory = 64M\n"

#define MORE(name) "[partition " name "]\nimage = h\nmemory = 4M\n"

static struct config config;
static struct config_error error;

static enum err parse_bytes(const char *text, size_t len)
{
	return config_text_parse(&config, text, len, &error);
}

static void parse_bad(const char *text, u32 line, const char *message)
{
	CHECK_EQ(parse_bytes(text, strlen(text)), ERR_INVALID);
	CHECK_STR(error.message, message);
	CHECK_EQ(error.line, line);
}

/* clang-format off */
static const struct bad {
	const char *text;
	u32 line;
	const char *message;
} bad[] = {
	{"", 1, "file: expected a [partition NAME] section, found nothing"},
	{"[hypervisor]\n\n", 2,
	 "file: expected a [partition NAME] section, found nothing"},
	{"# x\nvps = 1\n", 2,
	 "line: expected a [section] before the first key, found `vps = 1`"},
	{"hello\n", 1,
	 "line: expected [section], key = value or # comment, found `hello`"},
	{"[guest]\n", 1,
	 "section: expected [hypervisor] or [partition NAME], found "
	 "`[guest]`"},
	{"[hypervisor\n", 1,
	 "section: expected [hypervisor] or [partition NAME], found "
	 "`[hypervisor`"},
	{"[", 1,
	 "section: expected [hypervisor] or [partition NAME], found `[`"},
	{"[]", 1,
	 "section: expected [hypervisor] or [partition NAME], found `[]`"},
	{"[hypervisor x]", 1,
	 "section: expected [hypervisor] or [partition NAME], found "
	 "`[hypervisor x]`"},
	{"[partition]\n", 1,
	 "[partition NAME]: expected a name of 1 to 31 letters, digits, - or "
	 "_, found nothing"},
	{"[partition a b]\n", 1,
	 "[partition NAME]: expected a name of 1 to 31 letters, digits, - or "
	 "_, found `a b`"},
	{"[partition a2345678901234567890123456789012]\n", 1,
	 "[partition NAME]: expected a name of 1 to 31 letters, digits, - or "
	 "_, found `a234567890123456789012345678...`"},
	{PARTITION MORE("b") MORE("c") MORE("d") "[partition e]\n", 13,
	 "[partition NAME]: expected at most 4 partitions, found `e`"},
	{PARTITION MORE("b") "[partition a]\n", 7,
	 "[partition NAME]: expected a name that no other partition has, "
	 "found `a`"},
	{PARTITION MORE("b") "[partition c]\nimage = g\n" MORE("d"), 7,
	 "memory: expected this key in the section, found nothing"},
	{PARTITION MORE("b") "image = h\n", 7,
	 "image: expected once in a section, found also on line 5"},
	{PARTITION MORE("b") "vps = 3\nvp-index-stride = 2048\n", 8,
	 "vp-index-stride: expected (vps - 1) * vp-index-stride below 4096, "
	 "found 4096"},
	{PARTITION "slice = 5\n", 4,
	 "slice: expected 100us to 1s, such as 5ms, found `5`"},
	{PARTITION "slice = ms\n", 4,
	 "slice: expected 100us to 1s, such as 5ms, found `ms`"},
	{PARTITION "slice = 5 ms\n", 4,
	 "slice: expected 100us to 1s, such as 5ms, found `5 ms`"},
	{PARTITION "slice = 5m\n", 4,
	 "slice: expected 100us to 1s, such as 5ms, found `5m`"},
	{PARTITION "slice =\n", 4,
	 "slice: expected 100us to 1s, such as 5ms, found nothing"},
	{PARTITION "slice = 99us\n", 4,
	 "slice: expected 100us to 1s, such as 5ms, found `99us`"},
	{PARTITION "slice = 1001ms\n", 4,
	 "slice: expected 100us to 1s, such as 5ms, found `1001ms`"},
	{PARTITION "slice = 18446744073709552s\n", 4,
	 "slice: expected 100us to 1s, such as 5ms, found "
	 "`18446744073709552s`"},
	{PARTITION "suspend-warn = 0ms\n", 4,
	 "suspend-warn: expected whole milliseconds from 1ms to 1000s, found "
	 "`0ms`"},
	{PARTITION "suspend-warn = 1500us\n", 4,
	 "suspend-warn: expected whole milliseconds from 1ms to 1000s, found "
	 "`1500us`"},
	{"[hypervisor]\nat-end = never\n", 2,
	 "at-end: expected exit or console, found `never`"},
	{PARTITION "restarts = 1000001\n", 4,
	 "restarts: expected a number from 0 to 1000000, found `1000001`"},
	{PARTITION "budget_elements = 4096\n", 4,
	 "budget_elements: expected a number from 0 to 4095, found `4096`"},
	{PARTITION "suspend-warn = 1001s\n", 4,
	 "suspend-warn: expected whole milliseconds from 1ms to 1000s, found "
	 "`1001s`"},
	{"[hypervisor]\nconsole = on\n", 2,
	 "console: expected full, readonly or off, found `on`"},
	{"[hypervisor]\ninput = b\n" MORE("a"), 2,
	 "input: expected console or the name of a partition, found `b`"},
	{"[hypervisor]\ninput =\n" MORE("a"), 2,
	 "input: expected console or the name of a partition, found nothing"},
	{PARTITION "output = com3\n", 4,
	 "output: expected com1 or com2, found `com3`"},
	{PARTITION "output = com2\n" MORE("b") "gdb = com2-wait\n", 8,
	 "gdb: expected one use of COM2, found also on line 4"},
	{PARTITION "gdb = com2-wait\n" MORE("b") "output = com2\n", 8,
	 "output: expected one use of COM2, found also on line 4"},
	{PARTITION "output = com2\n" "gdb = com2\n", 5,
	 "gdb: expected one use of COM2, found also on line 4"},
	{PARTITION "output = com2\n" MORE("b") "output = com2\n", 8,
	 "output: expected one use of COM2, found also on line 4"},
	{PARTITION "controls = b\n", 4,
	 "controls: expected names of other partitions, separated by commas, "
	 "found `b`"},
	{PARTITION "\ncontrols = a\n" MORE("b"), 5,
	 "controls: expected names of other partitions, separated by commas, "
	 "found `a`"},
	{PARTITION MORE("b") "controls = a, b\n", 7,
	 "controls: expected names of other partitions, separated by commas, "
	 "found `b`"},
	{PARTITION MORE("b") "controls = a b\n", 7,
	 "controls: expected names of other partitions, separated by commas, "
	 "found `a b`"},
	{PARTITION MORE("b") "controls = a,\n", 7,
	 "controls: expected names of other partitions, separated by commas, "
	 "found nothing"},
	{PARTITION MORE("b") "controls =\n", 7,
	 "controls: expected names of other partitions, separated by commas, "
	 "found nothing"},
	{"[hypervisor]\n\n[hypervisor]\n", 3,
	 "[hypervisor]: expected once in the file, found also on line 1"},
	{"[partition a]\nmemory = 64M\n\n", 1,
	 "image: expected this key in the section, found nothing"},
	{"\n[partition a]\nimage = g\n[hypervisor]\n", 2,
	 "memory: expected this key in the section, found nothing"},
	{PARTITION "image = h\n", 4,
	 "image: expected once in a section, found also on line 2"},
	{"[hypervisor]\ncolour = red\n", 2,
	 "unknown key `colour`: expected one of cpus, at-end, panic, selftest, "
	 "console, input, tsc_hz, poweroff"},
	{"[hypervisor]\nimage = g\n", 2,
	 "unknown key `image`: expected one of cpus, at-end, panic, selftest, "
	 "console, input, tsc_hz, poweroff"},
	{PARTITION "= 3\n", 4,
	 "unknown key nothing: expected one of image, initrd, symbols, "
	 "cmdline, vps, "
	 "vp-index-stride, memory, privileges, slice, suspend-warn, controls, "
	 "paging, shadow-pages, walk-cache, pcid, sanitize, sanitize-grace, "
	 "test-calls, first-use, "
	 "output, flush-exact, pause-exits, restarts, gdb, "
	 "budget_elements"},
	{"[hypervisor]\ncpus = all\n", 2,
	 "cpus: expected auto, mp or madt, found `all`"},
	{"[hypervisor]\ncpus =\n", 2,
	 "cpus: expected auto, mp or madt, found nothing"},
	{"[hypervisor]\ncpus = autox\n", 2,
	 "cpus: expected auto, mp or madt, found `autox`"},
	{"[hypervisor]\npanic = no\n", 2,
	 "panic: expected poweroff, halt, console or reset, found `no`"},
	{"[hypervisor]\nselftest = all\n", 2,
	 "selftest: expected none, write-text, write-rodata, write-guard, "
	 "bad-entry, panic, invvpid, panic-all, panic-locked, panic-nmi, "
	 "panic-report, panic-again or panic-deaf, found `all`"},
	{"[hypervisor]\ntsc_hz = 999999\n", 2,
	 "tsc_hz: expected a number of Hz from 1000000 to 100000000000, found "
	 "`999999`"},
	{"[hypervisor]\ntsc_hz = 18446744073709551616\n", 2,
	 "tsc_hz: expected a number of Hz from 1000000 to 100000000000, found "
	 "`18446744073709551616`"},
	{"[hypervisor]\npoweroff = 0x604\n", 2,
	 "poweroff: expected PORT:VALUE, each up to 0xffff, such as "
	 "0x604:0x2000, found `0x604`"},
	{"[hypervisor]\npoweroff = 1:1 0x10000:1\n", 2,
	 "poweroff: expected PORT:VALUE, each up to 0xffff, such as "
	 "0x604:0x2000, found `0x10000:1`"},
	{"[hypervisor]\npoweroff = 1:65536\n", 2,
	 "poweroff: expected PORT:VALUE, each up to 0xffff, such as "
	 "0x604:0x2000, found `1:65536`"},
	{"[hypervisor]\npoweroff = 1:\n", 2,
	 "poweroff: expected PORT:VALUE, each up to 0xffff, such as "
	 "0x604:0x2000, found `1:`"},
	{"[hypervisor]\npoweroff =\n", 2,
	 "poweroff: expected PORT:VALUE, each up to 0xffff, such as "
	 "0x604:0x2000, found nothing"},
	{"[hypervisor]\npoweroff = 1:1 2:2 3:3 4:4 5:5\n", 2,
	 "poweroff: expected at most 4 of PORT:VALUE, found "
	 "`1:1 2:2 3:3 4:4 5:5`"},
	{"[partition a]\nimage =\n", 2,
	 "image: expected a path of 1 to 127 characters, found nothing"},
	{PARTITION "vps = 0\n", 4,
	 "vps: expected a number from 1 to 256, found `0`"},
	{PARTITION "vps = 257\n", 4,
	 "vps: expected a number from 1 to 256, found `257`"},
	{PARTITION "vps = 18446744073709551617\n", 4,
	 "vps: expected a number from 1 to 256, found `18446744073709551617`"},
	{PARTITION "vps = 4x\n", 4,
	 "vps: expected a number from 1 to 256, found `4x`"},
	{PARTITION "vps = -1\n", 4,
	 "vps: expected a number from 1 to 256, found `-1`"},
	{PARTITION "vps = 0x\n", 4,
	 "vps: expected a number from 1 to 256, found `0x`"},
	{PARTITION "vp-index-stride = 0\n", 4,
	 "vp-index-stride: expected a number from 1 to 4095, found `0`"},
	{PARTITION "vp-index-stride = 2048\nvps = 3\n", 4,
	 "vp-index-stride: expected (vps - 1) * vp-index-stride below 4096, "
	 "found 4096"},
	{PARTITION "vps = 256\nvp-index-stride = 4095\n[hypervisor]\n", 5,
	 "vp-index-stride: expected (vps - 1) * vp-index-stride below 4096, "
	 "found 1044225"},
	{"[partition a]\nmemory = 12x\n", 2,
	 "memory: expected a number of KiB, MiB or GiB such as 64M, found "
	 "`12x`"},
	{"[partition a]\nmemory = 64\n", 2,
	 "memory: expected a number of KiB, MiB or GiB such as 64M, found "
	 "`64`"},
	{"[partition a]\nmemory = M\n", 2,
	 "memory: expected a number of KiB, MiB or GiB such as 64M, found "
	 "`M`"},
	{"[partition a]\nmemory =\n", 2,
	 "memory: expected a number of KiB, MiB or GiB such as 64M, found "
	 "nothing"},
	{"[partition a]\nmemory = 5M\n", 2,
	 "memory: expected a multiple of 2M, found `5M`"},
	{"[partition a]\nmemory = 2M\n", 2,
	 "memory: expected 4M to 3G, found `2M`"},
	{"[partition a]\nmemory = 3074M\n", 2,
	 "memory: expected 4M to 3G, found `3074M`"},
	{"[partition a]\nmemory = 17179869185G\n", 2,
	 "memory: expected 4M to 3G, found `17179869185G`"},
	{PARTITION "privileges = many\n", 4,
	 "privileges: expected a profile (all, linux or none) first, found "
	 "`many`"},
	{PARTITION "privileges =\n", 4,
	 "privileges: expected a profile (all, linux or none) first, found "
	 "nothing"},
	{PARTITION "privileges = all frequency\n", 4,
	 "privileges: expected + or - and a privilege's name from "
	 "docs/config.md, such as -frequency, found `frequency`"},
	{PARTITION "privileges = all *flush\n", 4,
	 "privileges: expected + or - and a privilege's name from "
	 "docs/config.md, such as -frequency, found `*flush`"},
	{PARTITION "privileges = all - flush\n", 4,
	 "privileges: expected + or - and a privilege's name from "
	 "docs/config.md, such as -frequency, found `-`"},
	{PARTITION "paging = nested\n", 4,
	 "paging: expected ept or shadow, found `nested`"},
	{PARTITION "shadow-pages = 127\n", 4,
	 "shadow-pages: expected a number from 128 to 4096, found `127`"},
	{PARTITION "shadow-pages = 4097\n", 4,
	 "shadow-pages: expected a number from 128 to 4096, found `4097`"},
	{PARTITION "walk-cache = yes\n", 4,
	 "walk-cache: expected on or off, found `yes`"},
	{PARTITION "pcid = 1\n", 4, "pcid: expected off or on, found `1`"},
	{PARTITION "paging = shadow\nsanitize = watch\n", 5,
	 "sanitize: expected off or on, found `watch`"},
	{PARTITION "sanitize = on\n", 4,
	 "sanitize: expected off, or paging = shadow in the section: the "
	 "sanitizer compares a software TLB, found `on`"},
	{PARTITION "sanitize = on\npaging = ept\n[partition b]\n", 4,
	 "sanitize: expected off, or paging = shadow in the section: the "
	 "sanitizer compares a software TLB, found `on`"},
	{PARTITION "sanitize-grace = 99999\n", 4,
	 "sanitize-grace: expected a number of TSC ticks from 100000 to "
	 "1000000000000, found `99999`"},
	{PARTITION "sanitize-grace = 1000000000001\n", 4,
	 "sanitize-grace: expected a number of TSC ticks from 100000 to "
	 "1000000000000, found `1000000000001`"},
	{PARTITION "test-calls = true\n", 4,
	 "test-calls: expected yes or no, found `true`"},
	{PARTITION "pause-exits = 2\n", 4,
	 "pause-exits: expected yes or no, found `2`"},
	{PARTITION "flush-exact = \n", 4,
	 "flush-exact: expected yes or no, found nothing"},
	{"[hypervisor]\npanic = ha\x01lt\n", 2,
	 "line: expected printable ASCII characters, found `\\x01`"},
	{"# \x7f\n", 1,
	 "line: expected printable ASCII characters, found `\\x7f`"},
	{"[hypervisor]\r\rcpus = mp\n", 1,
	 "line: expected printable ASCII characters, found `\\x0d`"},
	{"[hypervisor]\n\xef\xbb\xbf\n", 2,
	 "line: expected printable ASCII characters, found `\\xef`"},
	{PARTITION "first-use = all\n", 4,
	 "first-use: expected count or list, found `all`"},
};
/* clang-format on */

static void t_refusals_name_line_and_reason(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		parse_bad(bad[i].text, bad[i].line, bad[i].message);
	}
}

static void t_nul_is_refused(void)
{
	static const char text[] = "[partition a]\nimage = a\0b\n";
	static const char comment[] = "# \0";

	CHECK_EQ(parse_bytes(text, sizeof(text) - 1), ERR_INVALID);
	CHECK_STR(error.message,
		  "line: expected printable ASCII characters, found `\\x00`");
	CHECK_EQ(error.line, 2);
	CHECK_EQ(parse_bytes(comment, 3), ERR_INVALID);
	CHECK_EQ(error.line, 1);
}

static void t_over_long_values_are_refused(void)
{
	CHECK_EQ(
		config_text_long(&config, PARTITION "cmdline = ", 1024, &error),
		ERR_INVALID);
	CHECK_EQ(error.line, 4);
	CHECK_STR(error.message, "cmdline: expected at most 1023 characters, "
				 "found `xxxxxxxxxxxxxxxxxxxxxxxxxxxx...`");
	CHECK_EQ(config_text_long(&config, PARTITION "initrd = ", 128, &error),
		 ERR_INVALID);
	CHECK_STR(error.message,
		  "initrd: expected a path of 1 to 127 characters, found "
		  "`xxxxxxxxxxxxxxxxxxxxxxxxxxxx...`");
	CHECK_EQ(config_text_long(&config, PARTITION, 2000, &error),
		 ERR_INVALID);
	CHECK_EQ(error.line, 4);
}

/*
 * Each prefix of a good file is either parsed or refused with a whole sentence.
 */
static void t_every_prefix_gets_an_answer(void)
{
	static const char text[] =
		"[hypervisor]\npoweroff = 0x604:0x2000 1:2 # x\n"
		"[partition a]\nimage = g\r\nmemory = 64M\n"
		"privileges = all -frequency\nvps = 4\nslice = 2ms\n"
		"[partition b]\nimage = g\nmemory = 4M\ncontrols = a\n";

	for (size_t len = 0; len < sizeof(text); len++) {
		bool is_ok = parse_bytes(text, len) == ERR_OK;

		CHECK(is_ok == (error.message[0] == 0));
		CHECK(is_ok == (error.line == 0));
		CHECK(strlen(error.message) < sizeof(error.message));
	}
}

static const struct test tests[] = {
	{"refusals_name_line_and_reason", t_refusals_name_line_and_reason},
	{"nul_is_refused", t_nul_is_refused},
	{"over_long_values_are_refused", t_over_long_values_are_refused},
	{"every_prefix_gets_an_answer", t_every_prefix_gets_an_answer},
};

const struct suite suite_config_errors = SUITE("config_errors", tests);
