/* SPDX-License-Identifier: MIT */
/* The shell from its bytes to its answer, with the VPs' CPUs played here. */
#include "core/debug/shell.h"

#include <stdio.h>
#include <string.h>

#include "core/debug/at_vp.h"
#include "core/debug/commands.h"
#include "core/debug/parse.h"
#include "core/debug/print.h"
#include "core/emulate/console_input.h"
#include "support/call.h"
#include "support/check.h"
#include "support/shell_line.h"

static struct partition *p;

static void setup(void)
{
	p = shell_line_setup(2, 2);
}

static void t_nothing_is_printed_unasked(void)
{
	setup();
	shell_line_poll(10);
	CHECK_EQ(shell_line_len, 0);
}

static void t_lines_end_once(void)
{
	setup();
	CHECK_STR(shell_line_answer("\n"), "lethe> \r\nlethe> ");
	CHECK_STR(shell_line_answer("\n"), "\r\nlethe> ");
	CHECK_STR(shell_line_answer("\r"), "\r\nlethe> ");
	CHECK_STR(shell_line_answer("\n"), "");
	CHECK_STR(shell_line_answer("\r\n"), "\r\nlethe> ");
	CHECK_STR(shell_line_answer("\r\r"), "\r\nlethe> \r\nlethe> ");
}

static void t_help_lists_and_explains(void)
{
	setup();
	CHECK(strstr(shell_line_answer("help\r"), "\r\nps ") != NULL);
	CHECK(strstr(shell_line_answer("help help\r"),
		     "help [COMMAND]        the commands") != NULL);
	CHECK(strstr(shell_line_answer("help inhibit\r"),
		     "(changes the guest)") != NULL);
}

/* Also where one call of the command ends and the next begins. */
static void t_help_has_columns(void)
{
	const struct debug_command *command;
	const char *text;

	setup();
	text = shell_line_answer("help\r");
	for (u32 i = 0; (command = debug_command_at(i)) != NULL; i++) {
		char usage[DEBUG_ROW_MAX / 2];
		char row[DEBUG_ROW_MAX];

		debug_parse_usage(command, usage, sizeof(usage));
		(void)snprintf(row, sizeof(row), "\r\n%-21s %s", usage,
			       command->help);
		CHECK(strstr(text, row) != NULL);
	}
}

/* Near the end of the text too, where no other row would begin. */
static void t_blanks_reach_their_column(void)
{
	static struct debug_call call;
	size_t start = sizeof(call.text) - DEBUG_ROW_MAX / 2;

	memset(call.text, 'x', start);
	call.text[start - 1] = '\n';
	call.len = start;
	debug_print(&call, "ab");
	debug_pad(&call, 20);
	CHECK_EQ(call.len, start + 20);
	debug_pad(&call, 20);
	CHECK_EQ(call.len, start + 21);
}

static void t_errors_mark_the_word(void)
{
	setup();
	(void)shell_line_answer("\r");
	CHECK_STR(shell_line_answer("vp 7\r"),
		  "vp 7\r\n"
		  "          ^\r\n"
		  "expected a VP of guest0: 0 to 1\r\n"
		  "lethe> ");
	CHECK(strstr(shell_line_answer(
			     "vp 0 "
			     "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
			     "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
			     "\r"),
		     "^") == NULL);
}

static void t_ps_shows_what_is_there(void)
{
	setup();
	p->vps[0]->own.waits_for = p->vps[1];
	p->vps[0]->own.state = VP_SUSPENDED;
	p->vps[0]->own.suspended_at = fake.tsc;
	p->vps[0]->own.exit_count = 77;
	p->vps[1]->own.state = VP_HALTED;
	fake.tsc += FAKE_TSC_HZ / 50;
	(void)shell_line_answer("ps\r");
	CHECK(strstr(shell_line_output, "guest0: running vps=2") != NULL);
	CHECK(strstr(shell_line_output, "suspended") != NULL);
	CHECK(strstr(shell_line_output, "exits=77") != NULL);
	CHECK(strstr(shell_line_output, " waits for guest0:1, 20 ms\r\n") !=
	      NULL);
	CHECK(strstr(shell_line_output, "halted") != NULL);
}

/* More VPs than one call has room for */
static void t_ps_of_many_vps_goes_on(void)
{
	char row[16];

	p = shell_line_setup(4, 200);
	(void)shell_line_answer("ps\r");
	for (u32 i = 0; i < 200; i++) {
		snprintf(row, sizeof(row), "\n  %u ", i);
		CHECK(strstr(shell_line_output, row) != NULL);
	}
}

static void t_readonly_refuses_changes(void)
{
	setup();
	shell_init(true);
	CHECK(strstr(shell_line_answer("inhibit 0 on\r"),
		     "console = readonly: inhibit changes the guest") != NULL);
	CHECK_EQ(p->vps[0]->shared.inhibit, 0);
	CHECK(strstr(shell_line_answer("ps\r"), "running") != NULL);
	CHECK(strstr(shell_line_answer("poweroff\r"),
		     "console = readonly: poweroff ends the machine") != NULL);
	CHECK(strstr(shell_line_answer("panic\r"),
		     "console = readonly: panic ends the machine") != NULL);
}

/* Also one that was in the middle of a command, and with `readonly`. */
static void t_after_a_panic_few_commands_run(void)
{
	static const char *const refused[] = {"vp 0", "inhibit 0 on", "panic",
					      "watch vp 0"};

	setup();
	(void)shell_line_answer("watch ps\r");
	shell_after_panic();
	for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
		CHECK(strstr(shell_line_answer(refused[i]), "after a panic") ==
		      NULL);
		CHECK(strstr(shell_line_answer("\r"),
			     "needs what has stopped") != NULL);
	}
	CHECK_EQ(p->vps[0]->shared.inhibit, 0);
	CHECK_EQ(p->vps[0]->shared.events, 0);
	CHECK(strstr(shell_line_answer("ps\r"), "running") != NULL);
	CHECK(strstr(shell_line_answer("help\r"), "poweroff") != NULL);
	CHECK(strstr(shell_line_answer("watch cpu\r"), "apic_id") != NULL);
}

static void t_tab_completes(void)
{
	setup();
	(void)shell_line_partition(3);
	(void)shell_line_answer("\r");
	CHECK_STR(shell_line_answer("inh\t"), "inhibit ");
	CHECK_STR(shell_line_answer("g\t"), "guest");
	CHECK(strstr(shell_line_answer("\t"), "guest0:  guest1:  \r\n") !=
	      NULL);
	CHECK_STR(shell_line_answer("1\t"), "1:");
	CHECK(strstr(shell_line_answer("\t"),
		     "guest1:0  guest1:1  guest1:2  ") != NULL);
	CHECK_STR(shell_line_answer("2\t"), "2 ");
	CHECK(strstr(shell_line_answer("o\t"), "on  off  \r\n") != NULL);
	CHECK(strstr(shell_line_answer("\x15ps x\t"), "x") != NULL);
	CHECK_STR(shell_line_answer("\x15"), "\rlethe>     \b\b\b\b");
	CHECK_STR(shell_line_answer("watch inh\t"), "watch inhibit ");
	CHECK_STR(shell_line_answer("guest0\t"), "guest0:");
	(void)shell_line_answer("\x15");
	CHECK(strstr(shell_line_answer("\t"), "help  ") != NULL);
	CHECK_STR(shell_line_answer("help inh\t"), "help inhibit ");
}

/* Lines of words that mean something, and of others. */
static void random_line(void)
{
	static const char *const words[] = {
		"help",     "ps",
		"vp",       "walk",
		"tlb",      "x",
		"msr",      "cpuid",
		"mem",      "flush",
		"cpu",      "inhibit",
		"on",       "off",
		"0",        "1",
		"2",        "0x1000",
		"guest0:0", "guest1:2",
		"0:1",      ":",
		"guest0",   "0x",
		"watch",    "apic",
		"version",  "~",
		"a:b:c",    "18446744073709551616",
		"\t",       "\x1b[A",
		"\x12p",    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
	};
	u32 count = call_random_below(5);

	for (u32 i = 0; i < count; i++) {
		shell_line_type(words[call_random_below(ARRAY_SIZE(words))]);
		shell_line_type(call_random_below(4) != 0 ? " " : "");
	}
	for (u32 i = call_random_below(3); i > 0; i--) {
		shell_input((u8)call_random_below(256));
	}
	shell_line_type("\r");
}

static void t_random_lines(void)
{
	setup();
	(void)shell_line_partition(3);
	call_seed(1400);
	for (u32 i = 0; i < 10000; i++) {
		random_line();
		shell_line_len = 0;
		for (u32 k = 0; k < 10; k++) {
			shell_line_poll(1);
			fake.tsc += call_random_below(2) ? FAKE_TSC_HZ / 2 : 0;
			for (u32 n = 0; n < machine.partition_count; n++) {
				struct partition *q = machine.partitions[n];

				debug_at_vp_serve(
					q->vps[call_random_below(q->vp_count)]);
			}
		}
		CHECK(shell_line_len > 0);
	}
	/* it still answers */
	shell_input(3);
	shell_line_poll(10);
	CHECK(strstr(shell_line_answer("\x15help ps\r"), "state, CPU") != NULL);
}

/* Whoever had the line before the panic, the shell has it then. */
static void t_the_line_is_the_shells_after_a_panic(void)
{
	const struct config config = {.partition_count = 1};

	setup();
	console_input_init(&config);
	console_input_give(p);
	shell_after_panic();
	CHECK(strstr(shell_line_answer("cpu\r"), "\r\nlethe> ") != NULL);
	console_input_init(&config);
	shell_init(false);
}

static const struct test tests[] = {
	{"nothing-is-printed-unasked", t_nothing_is_printed_unasked},
	{"lines-end-once", t_lines_end_once},
	{"help-lists-and-explains", t_help_lists_and_explains},
	{"help-has-columns", t_help_has_columns},
	{"blanks-reach-their-column", t_blanks_reach_their_column},
	{"errors-mark-the-word", t_errors_mark_the_word},
	{"ps-shows-what-is-there", t_ps_shows_what_is_there},
	{"ps-of-many-vps-goes-on", t_ps_of_many_vps_goes_on},
	{"readonly-refuses-changes", t_readonly_refuses_changes},
	{"after-a-panic-few-commands-run", t_after_a_panic_few_commands_run},
	{"tab-completes", t_tab_completes},
	{"random-lines", t_random_lines},
	{"line-is-the-shells-after-a-panic",
	 t_the_line_is_the_shells_after_a_panic},
};

const struct suite suite_shell = SUITE("shell", tests);
