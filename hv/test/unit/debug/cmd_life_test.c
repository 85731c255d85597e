/* SPDX-License-Identifier: MIT */
/* What start, stop and restart answer, in each state of a partition. */
#include "core/debug/commands.h"

#include <string.h>

#include "support/call.h"
#include "support/check.h"

static struct partition *p;

static const char *answer(debug_fn *fn)
{
	static struct debug_call call;

	memset(&call, 0, sizeof(call));
	call.partition = p;
	CHECK_EQ(fn(&call), DEBUG_DONE);
	call.text[call.len] = 0;
	return call.text;
}

static void t_answers_in_each_state(void)
{
	/* clang-format off */
	static const struct {
		enum partition_state state;
		const char *start;
		const char *stop;
	} rows[] = {
		{PARTITION_RUNNING, "guest0: refused: the partition runs\n",
		 "guest0: stops\n"},
		{PARTITION_STOPPING,
		 "guest0: refused: the partition is stopping\n",
		 "guest0: refused: the partition does not run\n"},
		{PARTITION_ENDED, "guest0: starts\n",
		 "guest0: refused: the partition does not run\n"},
		{PARTITION_ENDED_AGAIN,
		 "guest0: refused: the partition is starting\n",
		 "guest0: refused: the partition does not run\n"},
		{PARTITION_FREE, "guest0: starts\n",
		 "guest0: refused: the partition does not run\n"},
		{PARTITION_LOADING,
		 "guest0: refused: the partition is starting\n",
		 "guest0: refused: the partition does not run\n"},
	};
	/* clang-format on */

	p = fake_partition(2, 1);
	for (u32 i = 0; i < ARRAY_SIZE(rows); i++) {
		p->state = rows[i].state;
		CHECK_STR(answer(cmd_start), rows[i].start);
		p->state = rows[i].state;
		CHECK_STR(answer(cmd_stop), rows[i].stop);
	}
}

static void t_restart_stops_first(void)
{
	p = fake_partition(2, 1);
	CHECK_STR(answer(cmd_restart), "guest0: starts again\n");
	CHECK(p->restart_wanted);
	CHECK_EQ(p->state, PARTITION_STOPPING);
	CHECK_EQ(p->vps[1]->shared.events, VP_EVENT_STOP);
	CHECK_STR(p->stop_reason, "restart");
}

static const struct test tests[] = {
	{"answers-in-each-state", t_answers_in_each_state},
	{"restart-stops-first", t_restart_stops_first},
};

const struct suite suite_cmd_life = SUITE("cmd_life", tests);
