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

/*
 * VP 0 halts again and again, and each time something is pending. Its slice is
 * over when it halts: it is served, but VP 1 gets a whole slice.
 */
static void t_halts_do_not_starve_the_neighbour(void)
{
	setup();
	p->vps[0]->own.state = VP_RUNNABLE;
	p->vps[1]->own.state = VP_RUNNABLE;
	fake.tsc = SLICE_END;
	service_halt(p->vps[0]);
	CHECK(sched_next(cpu) == p->vps[0]);
	/* as service_vp() leaves it */
	p->vps[0]->own.state = VP_RUNNABLE;
	p->vps[0]->own.deadline = NEVER;
	CHECK(sched_next(cpu) == p->vps[1]);
	sched_arm(cpu, p->vps[1]);
	CHECK_EQ(cpu->timer_deadline, SLICE_END + SLICE);
	CHECK_EQ(cpu->slice_end, SLICE_END + SLICE);
	/* one that sleeps on: its timer is known when the turn goes on */
	fake.tsc = cpu->slice_end;
	service_halt(p->vps[1]);
	CHECK(sched_next(cpu) == p->vps[1]);
	p->vps[1]->own.deadline = fake.tsc + 30;
	CHECK(sched_next(cpu) == p->vps[0]);
	sched_arm(cpu, p->vps[0]);
	CHECK_EQ(cpu->timer_deadline, fake.tsc + 30);
}

/*
 * At TSC 1000, with a look due at 21000 at intervals of 10000: the deadline,
 * what the field gets, and until when it stays as it is.
 */
static void t_timer_ticks(void)
{
	static const struct {
		u64 deadline;
		u64 ticks;
		u64 before;
	} rows[] = {
		{0, 0, 0},
		{999, 0, 0},
		{1000, 0, 0},
		{1001, 1, 0},
		{10999, 9999, 0},
		{11000, 10000, 1000},
		{30998, 10000, 20998},
		{30999, 10000, 20998}, /* bit 0 is that of an NMI */
		{31001, 10000, 21000},
		{CPU_TIMER_NEVER, 10000, 21000},
		{10999, 9999, 0}, /* the deadline is near again */
	};

	setup();
	cpu->look_interval = 10000;
	cpu->look_deadline = 21000;
	for (u32 i = 0; i < ARRAY_SIZE(rows); i++) {
		cpu->timer_deadline = rows[i].deadline;
		cpu->armed_at = 0;
		CHECK_EQ(sched_timer_ticks(cpu, p->vps[0], 1000),
			 rows[i].ticks);
		CHECK_EQ(cpu->enter_before, rows[i].before);
		CHECK_EQ(p->vps[0]->own.timer_field,
			 rows[i].before != 0 ? 10000 : 0);
	}
}

/* A VP whose field holds another interval than the CPU's has it written. */
static void t_field_of_another_interval_is_written(void)
{
	setup();
	p->vps[0]->own.state = VP_RUNNABLE;
	cpu->look_interval = 10000;
	cpu->look_deadline = 21000;
	sched_arm(cpu, p->vps[0]);
	CHECK_EQ(cpu->enter_before, 0);
	CHECK_EQ(sched_timer_ticks(cpu, p->vps[0], 1000), 10000);
	sched_arm(cpu, p->vps[0]);
	CHECK_EQ(cpu->enter_before, 21000);
	p->vps[1]->own.deadline = 18000;
	sched_arm(cpu, p->vps[0]);
	CHECK_EQ(cpu->enter_before, 8000);
	cpu->look_interval = 500;
	sched_arm(cpu, p->vps[0]);
	CHECK_EQ(cpu->enter_before, 0);
}

/* The time that a look takes is not the VP's: its slice ends later. */
static void t_look_is_not_part_of_the_slice(void)
{
	setup();
	p->vps[0]->own.state = VP_RUNNABLE;
	p->vps[1]->own.state = VP_RUNNABLE;
	sched_arm(cpu, p->vps[0]);
	sched_add_to_slice(cpu, 700);
	CHECK_EQ(cpu->slice_end, SLICE_END + 700);
	fake.tsc = SLICE_END + 699;
	CHECK(sched_next(cpu) == p->vps[0]);
	/* another deadline stays */
	cpu->timer_deadline = 3000;
	sched_add_to_slice(cpu, 100);
	CHECK_EQ(cpu->timer_deadline, 3000);
	CHECK_EQ(cpu->slice_end, SLICE_END + 800);
}

/*
 * The way from the choice to the entry may take longer than a slice: it is not
 * part of it, or nobody would ever be entered.
 */
static void t_a_slice_begins_at_the_entry(void)
{
	setup();
	p->vps[0]->own.state = VP_RUNNABLE;
	p->vps[1]->own.state = VP_RUNNABLE;
	fake.tsc = SLICE_END;
	CHECK(sched_next(cpu) == p->vps[1]);
	fake.tsc += 2 * SLICE;
	sched_arm(cpu, p->vps[1]);
	CHECK_EQ(cpu->timer_deadline, fake.tsc + SLICE);
	/* once in a turn */
	fake.tsc += SLICE / 2;
	CHECK(sched_next(cpu) == p->vps[1]);
	sched_arm(cpu, p->vps[1]);
	CHECK_EQ(cpu->timer_deadline, fake.tsc + SLICE - SLICE / 2);
	fake.tsc += SLICE - SLICE / 2;
	CHECK(sched_next(cpu) == p->vps[0]);
}

static const struct test tests[] = {
	{"halts-do-not-starve-the-neighbour",
	 t_halts_do_not_starve_the_neighbour},
	{"a-slice-begins-at-the-entry", t_a_slice_begins_at_the_entry},
	{"timer-ticks", t_timer_ticks},
	{"field-of-another-interval-is-written",
	 t_field_of_another_interval_is_written},
	{"look-is-not-part-of-the-slice", t_look_is_not_part_of_the_slice},
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
