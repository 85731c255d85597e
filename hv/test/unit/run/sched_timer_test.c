/* SPDX-License-Identifier: MIT */
/* The preemption timer of a CPU whose deadline is near. */
#include "core/run/sched.h"

#include "support/call.h"
#include "support/check.h"

#define SLICE_END 5000

static struct partition *p;
static struct cpu *cpu;

/* Two VPs on one CPU; it is the turn of VP 1. */
static void setup(void)
{
	fake_cpus(1);
	p = fake_partition(2, 1);
	cpu = machine.cpus[0];
	cpu->look_interval = 10000;
	cpu->look_deadline = 21000;
	cpu->slice_end = SLICE_END;
	cpu->timer_deadline = 9000;
	for (u32 i = 0; i < 2; i++) {
		p->vps[i]->own.state = VP_RUNNABLE;
		p->vps[i]->own.deadline = CPU_TIMER_NEVER;
	}
}

/*
 * The deadline is 9000. A VP that comes back soon gets a quarter of what is
 * left, and is entered with that until no more than that is left.
 */
static void t_a_near_deadline_is_not_written_at_each_entry(void)
{
	static const struct {
		u64 now;
		u64 ticks;
		u64 before;
	} rows[] = {
		{1000, 8000, 0},    {2999, 6001, 0}, /* a quarter of them ago:
							not soon */
		{3000, 1500, 7500}, {3001, 1499, 7500}, /* an NMI came */
		{7500, 1500, 0},    {7600, 350, 8650},  {8650, 350, 0},
		{9000, 0, 0},       {9001, 0, 0},
	};

	setup();
	for (u32 i = 0; i < ARRAY_SIZE(rows); i++) {
		CHECK_EQ(sched_timer_ticks(cpu, p->vps[0], rows[i].now),
			 rows[i].ticks);
		CHECK_EQ(cpu->enter_before, rows[i].before);
		CHECK_EQ(p->vps[0]->own.timer_field, 0);
	}
}

static void t_a_look_is_late_by_no_more_than_the_part(void)
{
	setup();
	cpu->look_deadline = 3000;
	cpu->armed_at = 1000;
	CHECK_EQ(sched_timer_ticks(cpu, p->vps[0], 1400), 1900);
	CHECK_EQ(cpu->enter_before, 3000);
}

/* The field is that of another VP. */
static void t_another_turn_begins_with_all_that_is_left(void)
{
	setup();
	CHECK_EQ(sched_timer_ticks(cpu, p->vps[0], 1400), 7600);
	sched_arm(cpu, p->vps[1]);
	CHECK_EQ(cpu->enter_before, 0);
	CHECK_EQ(sched_timer_ticks(cpu, p->vps[1], 1401), SLICE_END - 1401);
	CHECK_EQ(cpu->enter_before, 0);
}

static const struct test tests[] = {
	{"a-near-deadline-is-not-written-at-each-entry",
	 t_a_near_deadline_is_not_written_at_each_entry},
	{"a-look-is-late-by-no-more-than-the-part",
	 t_a_look_is_late_by_no_more_than_the_part},
	{"another-turn-begins-with-all-that-is-left",
	 t_another_turn_begins_with_all_that_is_left},
};

const struct suite suite_sched_timer = SUITE("sched_timer", tests);
