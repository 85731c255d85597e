/* SPDX-License-Identifier: MIT */
/* What `trace` leaves behind, also if it is given up. */
#include "core/debug/parse.h"

#include <string.h>

#include "core/debug/run.h"
#include "core/trace/read.h"
#include "support/check.h"
#include "support/fake_partition.h"

#define RECORDS 300u

static struct debug_run console;
static struct debug_run monitor;

static void setup(void)
{
	struct vp *vp;

	fake_cpus(2);
	vp = fake_partition(2, 1)->vps[0];
	for (u32 i = 0; i < RECORDS; i++) {
		fake.tsc += 100;
		record_put(vp, TRACE_MARK, i, (u64)i * i, i);
	}
}

static void begin(struct debug_run *run, const char *line)
{
	struct parse_error error;

	CHECK_EQ(debug_parse(line, strlen(line), &run->call, &error), PARSE_OK);
	debug_run_begin(run, fake.tsc);
}

/* One call; its text. */
static const char *step(struct debug_run *run)
{
	run->call.len = 0;
	debug_run_step(run, fake.tsc);
	run->call.text[run->call.len] = 0;
	return run->call.text;
}

static bool is_on(void)
{
	return read_is_on(machine.cpus[0]) && read_is_on(machine.cpus[1]);
}

static void t_a_dump_holds_the_rings(void)
{
	u32 frames = 0;

	setup();
	begin(&console, "trace dump");
	CHECK(strncmp(step(&console), "~LT1B", 5) == 0);
	while (console.state != DEBUG_RUN_IDLE) {
		CHECK(!is_on());
		frames += strncmp(step(&console), "~LT1R", 5) == 0;
	}
	CHECK(frames > 1);
	CHECK(strncmp(console.call.text, "~LT1E", 5) == 0);
	CHECK(is_on());
}

static void t_a_dump_that_is_given_up(void)
{
	setup();
	begin(&console, "trace dump");
	(void)step(&console);
	CHECK(!is_on());
	debug_run_end(&console);
	CHECK(is_on());
	/* not by one that is over: the trace was turned off after it */
	begin(&console, "trace off");
	(void)step(&console);
	debug_run_end(&console);
	CHECK(!is_on());
	begin(&console, "trace dump");
	(void)step(&console);
	debug_run_end(&console);
	CHECK(!is_on());
	begin(&console, "trace on");
	CHECK_STR(step(&console), "trace is on\n");
}

/* The console and a debugger's monitor: the later call has the rings. */
static void t_a_later_call_takes_the_place(void)
{
	setup();
	begin(&console, "trace dump");
	begin(&monitor, "trace dump");
	(void)step(&console);
	(void)step(&monitor);
	CHECK_STR(step(&console), "ended by another trace command\n");
	CHECK_EQ(console.state, DEBUG_RUN_IDLE);
	CHECK(!is_on());
	CHECK(strncmp(step(&monitor), "~LT1R", 5) == 0);
	begin(&console, "trace show 3");
	(void)step(&console);
	(void)step(&console);
	CHECK(strstr(step(&console), " mark number=299\n") != NULL);
	CHECK(is_on());
	CHECK_STR(step(&monitor), "ended by another trace command\n");
	CHECK(is_on());
}

static const struct test tests[] = {
	{"a-dump-holds-the-rings", t_a_dump_holds_the_rings},
	{"a-dump-that-is-given-up", t_a_dump_that_is_given_up},
	{"a-later-call-takes-the-place", t_a_later_call_takes_the_place},
};

const struct suite suite_cmd_trace = SUITE("cmd_trace", tests);
