/* SPDX-License-Identifier: MIT */
/* The shell while a command runs: what is typed, and answers that come late. */
#include "core/debug/shell.h"

#include <stdio.h>
#include <string.h>

#include "core/console/answer.h"
#include "core/debug/at_vp.h"
#include "core/debug/commands.h"
#include "core/debug/parse.h"
#include "core/trace/read.h"
#include "support/check.h"
#include "support/fake_partition.h"
#include "support/shell_line.h"

static struct partition *p;

static void setup(void)
{
	p = shell_line_setup(2, 2);
}

/* Its CPU services the VP, and the shell finds the answer at the next look. */
static void t_a_vp_is_asked_on_its_cpu(void)
{
	setup();
	p->vps[1]->own.gpr[GPR_RBX] = 0x1234567890abcdef;
	(void)shell_line_answer("vp 1\r");
	CHECK(strstr(shell_line_output, "rbx") == NULL);
	CHECK_EQ(p->vps[1]->shared.events, VP_EVENT_INSPECT);
	debug_at_vp_serve(p->vps[0]); /* not asked */
	debug_at_vp_serve(p->vps[1]);
	shell_line_poll(10);
	CHECK(strstr(shell_line_output, "rbx=0x1234567890abcdef") != NULL);
	CHECK_STR(shell_line_output + shell_line_len - 7, "lethe> ");
	/* once more is nothing */
	debug_at_vp_serve(p->vps[1]);
}

static void t_a_cpu_that_is_silent_is_given_up(void)
{
	setup();
	(void)shell_line_answer("vp 1\r");
	fake.tsc += FAKE_TSC_HZ;
	shell_line_len = 0;
	shell_line_poll(2);
	CHECK(strstr(shell_line_output,
		     "cpu 1 does not answer: guest0:1 was not looked at\r\n"
		     "lethe> ") != NULL);
	/* the call is still that CPU's: no other can be posted */
	(void)shell_line_answer("vp 0\r");
	CHECK(strstr(shell_line_output, "cpu") == NULL);
	fake.tsc += FAKE_TSC_HZ;
	shell_line_poll(3);
	CHECK(strstr(shell_line_output,
		     "cpu 1 has not answered the last question about "
		     "guest0:1\r\nlethe> ") != NULL);
	CHECK(strstr(shell_line_answer("ps\r"), "running") != NULL);
	/* an answer that comes late goes nowhere */
	debug_at_vp_serve(p->vps[1]);
	shell_line_len = 0;
	shell_line_poll(10);
	CHECK_EQ(shell_line_len, 0);
	(void)shell_line_answer("vp 0\r");
	debug_at_vp_serve(p->vps[0]);
	shell_line_poll(10);
	CHECK(strstr(shell_line_output, "rbx=") != NULL);
}

static void t_watch_repeats_until_a_key(void)
{
	setup();
	(void)shell_line_answer("watch ps\r\n");
	CHECK(strstr(shell_line_output, "\x1b[H\x1b[J") != NULL);
	CHECK(strstr(shell_line_output, "running") != NULL);
	for (u32 i = 0; i < 3; i++) {
		shell_line_len = 0;
		shell_line_poll(3);
		CHECK_EQ(shell_line_len, 0);
		fake.tsc += FAKE_TSC_HZ;
		shell_line_poll(10);
		CHECK(strstr(shell_line_output, "\x1b[H\x1b[J") != NULL);
		CHECK(strstr(shell_line_output, "running") != NULL);
	}
	/* a 0 is no key */
	shell_input(0);
	shell_line_len = 0;
	shell_line_poll(3);
	CHECK_EQ(shell_line_len, 0);
	CHECK_STR(shell_line_answer("h"), "lethe> h");
	fake.tsc += 2 * FAKE_TSC_HZ;
	CHECK_STR(shell_line_answer("\x7f"), "\rlethe>  \b");
	CHECK(strstr(shell_line_answer("watch vp\r"), "expected more words") !=
	      NULL);
	CHECK(strstr(shell_line_answer("watch watch ps\r"),
		     "expected a command") != NULL);
	CHECK(strstr(shell_line_answer("watch foo\r"), "             ^^^") !=
	      NULL);
}

static void t_ctrl_c_ends_what_runs(void)
{
	setup();
	CHECK_STR(shell_line_answer("abc\x03"), "^C\r\nlethe> ");
	(void)shell_line_answer("vp 1\rps\r");
	CHECK(strstr(shell_line_output, "running") == NULL);
	CHECK_STR(shell_line_answer("\x03"), "^C\r\nlethe> ");
	debug_at_vp_serve(p->vps[1]);
	(void)shell_line_answer("watch ps\r");
	CHECK_STR(shell_line_answer("\x03"), "^C\r\nlethe> ");
}

/* What is typed while a command runs waits; what has no room is counted. */
static void t_what_is_typed_ahead_waits(void)
{
	setup();
	(void)shell_line_answer("vp 1\rhelp ps\r");
	CHECK(strstr(shell_line_output, "state, CPU") == NULL);
	debug_at_vp_serve(p->vps[1]);
	shell_line_poll(20);
	CHECK(strstr(shell_line_output, "state, CPU") != NULL);
	(void)shell_line_answer("vp 1\r");
	for (u32 i = 0; i < SHELL_TYPED_MAX + 5; i++) {
		shell_input('\n');
	}
	debug_at_vp_serve(p->vps[1]);
	shell_line_poll(5000);
	CHECK(strstr(shell_line_output,
		     "4 characters lost: more than 4096 waited\r\n") != NULL);
}

/* No room for the answer: nothing is lost, nothing runs. */
static void t_the_answer_waits_for_the_line(void)
{
	char row[16];

	p = shell_line_setup(4, 250);
	shell_line_type("ps\r");
	for (u32 i = 0; i < 200; i++) {
		shell_poll(++fake.tsc);
	}
	CHECK(console_answer_room() < 4096);
	shell_line_poll(200);
	for (u32 i = 0; i < 250; i++) {
		snprintf(row, sizeof(row), "\n  %u ", i);
		CHECK(strstr(shell_line_output, row) != NULL);
	}
}

/* The rings stand still for a dump only. */
static void t_a_dump_that_is_cut_leaves_the_trace_on(void)
{
	setup();
	(void)shell_line_answer("\r");
	shell_line_type("trace dump\r");
	shell_line_poll(3);
	CHECK(!read_is_on(machine.cpus[0]));
	(void)shell_line_answer("\x03");
	CHECK(read_is_on(machine.cpus[0]));
	(void)shell_line_answer("trace off\r");
	shell_line_type("trace dump\r");
	shell_line_poll(3);
	(void)shell_line_answer("\x03");
	CHECK(!read_is_on(machine.cpus[0]));
	(void)shell_line_answer("trace on\r");
	CHECK(read_is_on(machine.cpus[0]));
}

/* A debugger's monitor runs one while the console's is under way. */
static void t_the_later_trace_command_counts(void)
{
	struct parse_error error;
	static struct debug_call other;

	setup();
	(void)shell_line_answer("\r");
	shell_line_type("trace dump\r");
	shell_line_poll(3);
	CHECK_EQ(debug_parse("trace show", 10, &other, &error), PARSE_OK);
	do {
		other.len = 0;
		other.end = cmd_trace(&other);
		other.steps++;
	} while (other.end == DEBUG_MORE);
	CHECK(read_is_on(machine.cpus[0]));
	CHECK(strstr(shell_line_answer(""),
		     "ended by another trace command\r\n") != NULL);
	CHECK(read_is_on(machine.cpus[0]));
}

static const struct test tests[] = {
	{"a-vp-is-asked-on-its-cpu", t_a_vp_is_asked_on_its_cpu},
	{"a-cpu-that-is-silent-is-given-up",
	 t_a_cpu_that_is_silent_is_given_up},
	{"watch-repeats-until-a-key", t_watch_repeats_until_a_key},
	{"ctrl-c-ends-what-runs", t_ctrl_c_ends_what_runs},
	{"what-is-typed-ahead-waits", t_what_is_typed_ahead_waits},
	{"the-answer-waits-for-the-line", t_the_answer_waits_for_the_line},
	{"cut-dump-leaves-the-trace-on",
	 t_a_dump_that_is_cut_leaves_the_trace_on},
	{"later-trace-command-counts", t_the_later_trace_command_counts},
};

const struct suite suite_shell_busy = SUITE("shell_busy", tests);
