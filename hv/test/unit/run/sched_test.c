/* SPDX-License-Identifier: MIT */
/* Several VPs on a CPU: which of them runs, and when guest mode must end. */
#include "core/events/post.h"
#include "core/run/sched.h"

#include "core/cpu/run_word.h"
#include "core/run/service.h"
#include "support/call.h"
#include "support/check.h"

#define VPS       4
#define NEVER     (~0ull)
#define SLICE_US  100
#define SLICE     (FAKE_TSC_HZ / 1000000 * SLICE_US)
#define SLICE_END 5000

static struct partition *p;
static struct cpu *cpu;

/* Puts all VPs on one CPU, halted for ever; it is the turn of VP 0. */
static void setup(void)
{
	fake_cpus(1);
	p = fake_partition(VPS, 1);
	cpu = machine.cpus[0];
	fake_config(p)->slice_us = SLICE_US;
	fake.tsc = 1000;
	for (u32 i = 0; i < VPS; i++) {
		p->vps[i]->own.state = VP_HALTED;
		p->vps[i]->own.deadline = NEVER;
	}
	cpu->turn = 0;
	cpu->slice_end = SLICE_END;
	cpu->timer_deadline = CPU_TIMER_NEVER;
}

/* VP 0 is about to be entered; VPs 1 and 2 share its CPU. */
static const struct {
	const char *name;
	u64 own;
	enum vp_state state[2];
	u64 deadline[2];
	u64 want;
	bool sliced;
} arms[] = {
	/* clang-format off */
	{ "alone", NEVER, { VP_HALTED, VP_HALTED }, { NEVER, NEVER }, CPU_TIMER_NEVER, false },
	{ "own timer as far as it goes", NEVER - 1, { VP_HALTED, VP_HALTED }, { NEVER, NEVER }, CPU_TIMER_NEVER, false },
	{ "own timer", 7000, { VP_HALTED, VP_HALTED }, { NEVER, NEVER }, 7000, false },
	{ "first halted timer", NEVER, { VP_HALTED, VP_HALTED }, { 3000, NEVER }, 3000, false },
	{ "second halted timer", 9000, { VP_HALTED, VP_HALTED }, { 8000, 3000 }, 3000, false },
	{ "waits for SIPI", NEVER, { VP_WAIT_SIPI, VP_HALTED }, { 3000, NEVER }, 3000, false },
	{ "suspended", NEVER, { VP_SUSPENDED, VP_HALTED }, { 3000, NEVER }, 3000, false },
	{ "slice", NEVER, { VP_RUNNABLE, VP_HALTED }, { NEVER, NEVER }, SLICE_END, true },
	{ "runnable's timer waits", NEVER, { VP_RUNNABLE, VP_HALTED }, { 3000, NEVER }, SLICE_END, true },
	{ "slice before timer", NEVER, { VP_HALTED, VP_RUNNABLE }, { 6000, NEVER }, SLICE_END, true },
	{ "timer in the slice", NEVER, { VP_HALTED, VP_RUNNABLE }, { 4000, NEVER }, 4000, true },
	{ "own timer in the slice", 2000, { VP_RUNNABLE, VP_RUNNABLE }, { NEVER, NEVER }, 2000, true },
	/* clang-format on */
};

static void t_guest_mode_ends_in_time(void)
{
	for (u32 i = 0; i < ARRAY_SIZE(arms); i++) {
		fake_reset();
		setup();
		p->vps[0]->own.state = VP_RUNNABLE;
		p->vps[0]->own.deadline = arms[i].own;
		for (u32 k = 0; k < 2; k++) {
			p->vps[k + 1]->own.state = arms[i].state[k];
			p->vps[k + 1]->own.deadline = arms[i].deadline[k];
		}
		sched_arm(cpu, p->vps[0]);
		check_eq(cpu->timer_deadline, arms[i].want, arms[i].name,
			 __FILE__, __LINE__);
		check_eq(cpu->sliced, arms[i].sliced, arms[i].name, __FILE__,
			 __LINE__);
	}
}

static void t_idle_ends_in_time(void)
{
	setup();
	CHECK_EQ(sched_idle_deadline(cpu), NEVER);
	p->vps[VPS - 1]->own.deadline = 9000;
	CHECK_EQ(sched_idle_deadline(cpu), 9000);
	p->vps[1]->own.deadline = 8000;
	CHECK_EQ(sched_idle_deadline(cpu), 8000);
}

static void t_the_turn_goes_round(void)
{
	setup();
	CHECK(sched_next(cpu) == NULL);
	p->vps[0]->own.state = VP_RUNNABLE;
	p->vps[1]->own.state = VP_RUNNABLE;
	p->vps[3]->own.state = VP_RUNNABLE;
	CHECK(sched_next(cpu) == p->vps[0]);
	/* before the slice ends */
	fake.tsc = SLICE_END - 1;
	CHECK(sched_next(cpu) == p->vps[0]);
	for (u32 round = 0; round < 3; round++) {
		static const u32 order[] = {1, 3, 0};

		for (u32 i = 0; i < ARRAY_SIZE(order); i++) {
			fake.tsc = cpu->slice_end;
			CHECK(sched_next(cpu) == p->vps[order[i]]);
			CHECK_EQ(cpu->slice_end, fake.tsc + SLICE);
			CHECK(sched_next(cpu) == p->vps[order[i]]);
		}
	}
	/* it halts: the turn does not wait for the end of the slice */
	p->vps[0]->own.state = VP_HALTED;
	CHECK(sched_next(cpu) == p->vps[1]);
}

static void t_yield_ends_a_turn_once(void)
{
	setup();
	p->vps[0]->own.state = VP_RUNNABLE;
	p->vps[1]->own.state = VP_RUNNABLE;
	cpu->yield = true;
	CHECK(sched_next(cpu) == p->vps[1]);
	CHECK(sched_next(cpu) == p->vps[1]);
	/* the turn stays where it is if nobody else can run */
	p->vps[0]->own.state = VP_HALTED;
	cpu->yield = true;
	CHECK(sched_next(cpu) == p->vps[1]);
}

/* A sleeping VP with an event or a due timer gets the turn. */
static void t_sleepers_are_looked_at(void)
{
	setup();
	p->vps[0]->own.state = VP_RUNNABLE;
	vp_post(p->vps[2], VP_EVENT_IRQ);
	CHECK(sched_next(cpu) == p->vps[2]);
	p->vps[2]->shared.events = 0;
	CHECK(sched_next(cpu) == p->vps[0]);
	p->vps[3]->own.deadline = fake.tsc + 10;
	sched_arm(cpu, p->vps[0]);
	CHECK(sched_next(cpu) == p->vps[0]);
	fake.tsc += 10;
	CHECK(sched_next(cpu) == p->vps[3]);
}

/*
 * run_idle_begin() sees the events of the stopped VP, too: as long as nobody
 * takes them, the CPU does not idle.
 */
static void t_stopped_vp_takes_its_events(void)
{
	setup();
	p->vps[1]->own.state = VP_STOPPED;
	vp_post(p->vps[1], VP_EVENT_WAKE);
	CHECK(sched_next(cpu) == p->vps[1]);
	service_vp(p->vps[1]);
	CHECK_EQ(p->vps[1]->shared.events, 0);
	CHECK_EQ(p->vps[1]->own.state, VP_STOPPED);
	CHECK(sched_next(cpu) == NULL);
	CHECK(run_idle_begin(cpu));
}

/*
 * Two VPs got an event at the same time, and the second has not had its turn
 * yet.
 */
static void t_event_of_another_vp_gives_a_slice(void)
{
	setup();
	p->vps[0]->own.state = VP_RUNNABLE;
	p->vps[2]->shared.events = VP_EVENT_IRQ;
	sched_arm(cpu, p->vps[0]);
	CHECK_EQ(cpu->timer_deadline, SLICE_END);
	CHECK_EQ(cpu->sliced, 1);
}

/*
 * One round of the loop that looks for a VP to run, while another CPU posts all
 * the time.
 */
static bool enters_in_spite_of(struct vp *noisy)
{
	struct vp *vp = sched_next(cpu);

	vp_post(noisy, VP_EVENT_NMI);
	if (vp == NULL || vp->own.state != VP_RUNNABLE) {
		return false;
	}
	sched_arm(cpu, vp);
	run_assign(cpu, vp);
	vp_post(noisy, VP_EVENT_NMI);
	return run_enter(cpu, vp);
}

/*
 * A sleeping VP gets events faster than the CPU takes them. A VP that shares
 * the CPU, perhaps of another partition, must still run, again after each exit.
 */
static void t_posts_do_not_starve_the_neighbour(void)
{
	setup();
	p->vps[0]->own.state = VP_RUNNABLE;
	for (u32 exits = 0; exits < 3; exits++) {
		u32 rounds = 0;

		while (rounds < 100 && !enters_in_spite_of(p->vps[2])) {
			p->vps[2]->shared.events = 0;
			rounds++;
		}
		CHECK(rounds < 100);
		CHECK(cpu->timer_deadline <= cpu->slice_end);
		run_leave(cpu);
		p->vps[0]->own.exit_count++;
		/* the event is not lost: the next entry takes it */
		CHECK(!run_enter(cpu, p->vps[0]));
		CHECK(sched_next(cpu) == p->vps[2]);
		p->vps[2]->shared.events = 0;
	}
}

/* left, ticks in the field, from which `left` on it stays as it is */
static void t_timer_ticks(void)
{
	static const struct {
		s64 left;
		u64 ticks;
		s64 far;
	} rows[] = {
		{-CPU_TIMER_NEVER, 0, CPU_TIMER_NEVER},
		{-1, 0, CPU_TIMER_NEVER},
		{0, 0, CPU_TIMER_NEVER},
		{1, 1, CPU_TIMER_NEVER},
		{9999, 9999, CPU_TIMER_NEVER},
		{10000, 10000, 10000},
		{10001, 10000, 10000},
		{CPU_TIMER_NEVER, 10000, 10000},
		{9999, 9999, CPU_TIMER_NEVER}, /* the deadline is near again */
	};

	setup();
	machine.timer_ceiling = 10000;
	for (u32 i = 0; i < ARRAY_SIZE(rows); i++) {
		CHECK_EQ(sched_timer_ticks(p->vps[0], rows[i].left),
			 rows[i].ticks);
		CHECK_EQ(p->vps[0]->own.timer_far, rows[i].far);
	}
}

static const struct test tests[] = {
	{"timer-ticks", t_timer_ticks},
	{"guest-mode-ends-in-time", t_guest_mode_ends_in_time},
	{"idle-ends-in-time", t_idle_ends_in_time},
	{"the-turn-goes-round", t_the_turn_goes_round},
	{"yield-ends-a-turn-once", t_yield_ends_a_turn_once},
	{"sleepers-are-looked-at", t_sleepers_are_looked_at},
	{"stopped-vp-takes-its-events", t_stopped_vp_takes_its_events},
	{"event-of-another-vp-gives-a-slice",
	 t_event_of_another_vp_gives_a_slice},
	{"posts-do-not-starve-the-neighbour",
	 t_posts_do_not_starve_the_neighbour},
};

const struct suite suite_sched = SUITE("sched", tests);
