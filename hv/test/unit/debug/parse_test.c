/* SPDX-License-Identifier: MIT */
/* Lines of the debug console: what they mean, and what is wrong with them. */
#include "core/debug/parse.h"

#include <string.h>

#include "support/check.h"
#include "support/fake_partition.h"

static struct debug_call call;
static struct parse_error error;

static enum parse_end parse(const char *line)
{
	return debug_parse(line, strlen(line), &call, &error);
}

static void setup(u32 partitions)
{
	fake_cpus(2);
	for (u32 i = 0; i < partitions; i++) {
		(void)fake_partition(2 + i, 1);
	}
}

/* Two partitions of 2 and 3 VPs; ^ under what is wrong */
static const struct {
	const char *line;
	const char *mark;
	const char *expected;
} bad[] = {
	/* clang-format off */
	{"foo",             "^^^",              "a command; `help` lists them"},
	{"  foo bar",       "  ^^^",            "a command; `help` lists them"},
	{"vp",              "  ^",              "more words: vp P:N"},
	{"vp guest0:2",     "          ^",      "a VP of guest0: 0 to 1"},
	{"vp guest1:0x3",   "          ^^^",    "a VP of guest1: 0 to 2"},
	{"vp guest2:0",     "   ^^^^^^",        "a partition: guest0, guest1"},
	{"vp guest0",       "         ^",       "a VP of guest0: 0 to 1"},
	{"vp guest0:",      "          ^",      "a VP of guest0: 0 to 1"},
	{"vp :0",           "   ^",             "a partition: guest0, guest1"},
	{"vp 0:0 x",        "       ^",         "the end of the line: vp P:N"},
	{"vp 2:0",          "   ^",             "a partition: guest0, guest1"},
	{"inhibit 0:0 yes", "            ^^^",  "on|off"},
	{"inhibit 0:0 o",   "            ^",    "on|off"},
	{"x 0:0x 1",        "    ^^",           "P:GPA: a number from 0 to 0xffffffffffffffff, decimal or 0x"},
	{"x 0:0 8k",        "      ^^",         "LEN: a number from 0 to 0x10000, decimal or 0x"},
	{"x 0:0 0x10001",   "      ^^^^^^^",    "LEN: a number from 0 to 0x10000, decimal or 0x"},
	{"walk 0:0 18446744073709551616", "         ^^^^^^^^^^^^^^^^^^^^", "GVA: a number from 0 to 0xffffffffffffffff, decimal or 0x"},
	{"help foo",        "     ^^^",         "a command; `help` lists them"},
	/* clang-format on */
};

static void t_what_is_wrong_is_marked(void)
{
	setup(2);
	for (u32 i = 0; i < ARRAY_SIZE(bad); i++) {
		const char *mark = bad[i].mark;
		u32 at = (u32)strspn(mark, " ");
		u32 len = (u32)strlen(mark) - at;

		CHECK_EQ(parse(bad[i].line), PARSE_ERROR);
		check_eq(error.word.at, at, bad[i].line, __FILE__, __LINE__);
		check_eq(error.word.len == 0 ? 1 : error.word.len, len,
			 bad[i].line, __FILE__, __LINE__);
		CHECK_STR(error.expected, bad[i].expected);
	}
}

static void t_blank_lines_are_empty(void)
{
	setup(1);
	CHECK_EQ(parse(""), PARSE_EMPTY);
	CHECK_EQ(parse(" \t  "), PARSE_EMPTY);
}

static void t_vps_have_names_and_numbers(void)
{
	static const char *const lines[] = {"vp guest1:2", "  vp   1:2  ",
					    "vp\t1:0x2"};

	setup(2);
	for (u32 i = 0; i < ARRAY_SIZE(lines); i++) {
		CHECK_EQ(parse(lines[i]), PARSE_OK);
		CHECK(call.vp == machine.partitions[1]->vps[2]);
		CHECK(call.partition == machine.partitions[1]);
		CHECK_EQ(call.given, 1);
		CHECK_EQ(call.steps, 0);
		CHECK_STR(call.command->name, "vp");
	}
}

static void t_one_partition_needs_no_name(void)
{
	static const char *const lines[] = {"vp 1", "vp :1", "vp 0:1",
					    "vp guest0:1"};

	setup(1);
	for (u32 i = 0; i < ARRAY_SIZE(lines); i++) {
		CHECK_EQ(parse(lines[i]), PARSE_OK);
		CHECK(call.vp == machine.partitions[0]->vps[1]);
	}
	CHECK_EQ(parse("x 0x1000 16"), PARSE_OK);
	CHECK_EQ(call.value[0], 0x1000);
	CHECK_EQ(call.value[1], 16);
}

/* Without a number all VPs are meant: call.vp is NULL. */
static void t_all_vps_of_a_partition(void)
{
	setup(2);
	CHECK_EQ(parse("suspend guest1"), PARSE_OK);
	CHECK(call.vp == NULL && call.partition == machine.partitions[1]);
	CHECK_EQ(parse("suspend 1:2"), PARSE_OK);
	CHECK(call.vp == machine.partitions[1]->vps[2]);
	CHECK_EQ(parse("suspend guest1:"), PARSE_ERROR);
	CHECK_EQ(parse("suspend guest2"), PARSE_ERROR);
}

static void t_all_vps_of_the_only_partition(void)
{
	setup(1);
	CHECK_EQ(parse("suspend 1"), PARSE_OK);
	CHECK(call.vp == machine.partitions[0]->vps[1]);
	CHECK_EQ(parse("suspend guest0"), PARSE_OK);
	CHECK(call.vp == NULL && call.partition == machine.partitions[0]);
}

/* A name that is a number is a name. */
static void t_a_name_goes_before_a_number(void)
{
	setup(2);
	memcpy(fake_config(machine.partitions[1])->name, "0", 2);
	CHECK_EQ(parse("vp 0:2"), PARSE_OK);
	CHECK(call.partition == machine.partitions[1]);
	CHECK_EQ(parse("vp 1:2"), PARSE_OK);
	CHECK(call.partition == machine.partitions[1]);
}

static void t_arguments_have_values(void)
{
	setup(1);
	CHECK_EQ(parse("walk 0:1 0xFFFFffff80000000"), PARSE_OK);
	CHECK_EQ(call.value[1], 0xffffffff80000000);
	CHECK_EQ(parse("walk 0:1 18446744073709551615"), PARSE_OK);
	CHECK_EQ(call.value[1], ~0ull);
	CHECK_EQ(parse("inhibit 1 on"), PARSE_OK);
	CHECK_EQ(call.value[1], 0);
	CHECK_EQ(parse("inhibit 1 off"), PARSE_OK);
	CHECK_EQ(call.value[1], 1);
	CHECK_EQ(parse("help vp"), PARSE_OK);
	CHECK_STR(call.about->name, "vp");
	CHECK_EQ(parse("help"), PARSE_OK);
	CHECK(call.about == NULL);
	CHECK_EQ(call.given, 0);
	CHECK_EQ(parse("watch  ps x"), PARSE_OK);
	CHECK_EQ(call.rest, 7);
}

static void t_every_command_is_complete(void)
{
	const struct debug_command *command;

	for (u32 i = 0; (command = debug_command_at(i)) != NULL; i++) {
		bool optional = false;

		CHECK(debug_command_find(command->name,
					 strlen(command->name)) == command);
		CHECK(command->fn != NULL ||
		      command->argument[0].kind == DEBUG_REST);
		CHECK(command->help[0] != 0);
		CHECK(!(command->flags & DEBUG_AT_VP) ||
		      command->argument[0].kind == DEBUG_VP);
		for (u32 k = 0; k < DEBUG_ARGUMENTS; k++) {
			const struct debug_argument *a = &command->argument[k];

			CHECK(a->kind == DEBUG_NONE || a->name != NULL);
			CHECK(a->kind == DEBUG_NONE || !optional ||
			      a->optional);
			optional |= a->optional;
		}
	}
}

static const struct test tests[] = {
	{"what-is-wrong-is-marked", t_what_is_wrong_is_marked},
	{"blank-lines-are-empty", t_blank_lines_are_empty},
	{"vps-have-names-and-numbers", t_vps_have_names_and_numbers},
	{"one-partition-needs-no-name", t_one_partition_needs_no_name},
	{"all-vps-of-a-partition", t_all_vps_of_a_partition},
	{"all-vps-of-the-only-partition", t_all_vps_of_the_only_partition},
	{"a-name-goes-before-a-number", t_a_name_goes_before_a_number},
	{"arguments-have-values", t_arguments_have_values},
	{"every-command-is-complete", t_every_command_is_complete},
};

const struct suite suite_debug_parse = SUITE("debug_parse", tests);
