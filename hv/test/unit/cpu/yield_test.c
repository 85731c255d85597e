/* SPDX-License-Identifier: MIT */
/* A VP that waits passes its turn on, if there is somebody to have it. */
#include "core/cpu/yield.h"
#include "core/run/sched.h"

#include "support/call.h"
#include "support/check.h"

static struct partition *p;
static struct cpu *cpu;

/* VP 0 has the CPU; VPs 1 and 2 are in the state given. */
static void setup(enum vp_state others)
{
	fake_cpus(1);
	p = fake_partition(3, 1);
	cpu = machine.cpus[0];
	fake_config(p)->slice_us = 100;
	for (u32 i = 0; i < 3; i++) {
		p->vps[i]->own.state = i == 0 ? VP_RUNNABLE : others;
		p->vps[i]->own.deadline = ~0ull;
		p->vps[i]->own.due = false;
	}
	cpu->turn = 0;
	cpu->slice_end = CPU_TIMER_NEVER;
	cpu->timer_deadline = CPU_TIMER_NEVER;
	sched_arm(cpu, p->vps[0]);
}

static void t_the_turn_is_passed_on_once(void)
{
	setup(VP_RUNNABLE);
	CHECK(sched_next(cpu) == p->vps[0]);
	yield_once(p->vps[0]);
	CHECK(p->vps[0]->own.due); /* there is a scan before the entry */
	CHECK(sched_next(cpu) == p->vps[1]);
	CHECK(sched_next(cpu) == p->vps[1]);
}

/* The next entry is as if the VP had not asked: no scan, no new slice. */
static void t_alone_nothing_changes(void)
{
	static const enum vp_state states[] = {VP_HALTED, VP_WAIT_SIPI,
					       VP_SUSPENDED, VP_STOPPED};

	for (u32 i = 0; i < ARRAY_SIZE(states); i++) {
		fake_reset();
		setup(states[i]);
		yield_once(p->vps[0]);
		CHECK(!p->vps[0]->own.due);
		CHECK(!cpu->yield);
	}
}

static const struct test tests[] = {
	{"the-turn-is-passed-on-once", t_the_turn_is_passed_on_once},
	{"alone-nothing-changes", t_alone_nothing_changes},
};

const struct suite suite_yield = SUITE("yield", tests);
