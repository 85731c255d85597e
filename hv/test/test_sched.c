/* SPDX-License-Identifier: MIT */
/* Several VPs on one CPU: whose turn it is, and when it must end. */
#include "core/sched.h"

#include "check.h"
#include "core/cpu.h"
#include "core/machine.h"
#include "core/partition.h"
#include "core/run.h"
#include "core/service.h"
#include "core/vp.h"
#include "fake.h"

#define FAR (~0ull)

/* `count` VPs on one CPU, all halted without a timer, nobody has an event. */
static struct partition *one_cpu(u32 count)
{
	struct partition *p;

	fake_reset();
	fake_cpus(1);
	p = fake_partition(count, 1);
	for (u32 i = 0; i < count; i++) {
		p->vps[i]->state = VP_HALTED;
		p->vps[i]->deadline = FAR;
		p->vps[i]->events = 0;
	}
	fake_config(p)->slice_us = 100;
	machine.cpus[0]->slice_end = FAR;
	machine.cpus[0]->timer_deadline = FAR;
	machine.cpus[0]->attention = 0;
	return p;
}

static void t_nobody_has_a_reason(void)
{
	one_cpu(3);
	CHECK(sched_next(machine.cpus[0]) == NULL);
	CHECK(sched_idle_deadline(machine.cpus[0]) == FAR);
}

/* What gives a halted VP the CPU, and what does not. */
static void t_reasons_of_a_halted_vp(void)
{
	struct partition *p = one_cpu(3);

	p->vps[1]->events = VP_EVENT_IRQ;
	CHECK(sched_next(machine.cpus[0]) == p->vps[1]);
	p->vps[1]->events = 0;
	p->vps[2]->deadline = fake.tsc + 1000000;
	CHECK(sched_next(machine.cpus[0]) == NULL);
	CHECK_EQ(sched_idle_deadline(machine.cpus[0]), fake.tsc + 1000000);
	p->vps[2]->deadline = fake.tsc;
	CHECK(sched_next(machine.cpus[0]) == p->vps[2]);
}

/* run_idle_begin() looks at its events too: untaken they keep the CPU awake. */
static void t_stopped_vp_takes_its_events(void)
{
	struct partition *p = one_cpu(2);

	p->vps[1]->state = VP_STOPPED;
	p->vps[1]->events = VP_EVENT_WAKE;
	CHECK(sched_next(machine.cpus[0]) == p->vps[1]);
	service_vp(p->vps[1]);
	CHECK_EQ(p->vps[1]->events, 0);
	CHECK_EQ(p->vps[1]->state, VP_STOPPED);
	CHECK(sched_next(machine.cpus[0]) == NULL);
	CHECK(run_idle_begin(machine.cpus[0]));
}

static void t_turn_lasts_for_the_slice(void)
{
	struct partition *p = one_cpu(3);
	struct cpu *cpu = machine.cpus[0];

	p->vps[0]->state = VP_RUNNABLE;
	p->vps[2]->state = VP_RUNNABLE;
	cpu->slice_end = fake.tsc;
	CHECK(sched_next(cpu) == p->vps[2]);
	CHECK(sched_next(cpu) == p->vps[2]);
	fake.tsc = cpu->slice_end;
	CHECK(sched_next(cpu) == p->vps[0]);
	cpu->yield = true;
	CHECK(sched_next(cpu) == p->vps[2]);
	cpu->attention = 1;
	CHECK(sched_next(cpu) == p->vps[0]);
	CHECK_EQ(cpu->attention, 0);
}

/* Guest mode ends with the slice, or with the timer of a VP that sleeps. */
static void t_guest_mode_ends_in_time(void)
{
	struct partition *p = one_cpu(3);
	struct cpu *cpu = machine.cpus[0];

	p->vps[0]->state = VP_RUNNABLE;
	cpu->slice_end = 5000;
	sched_arm(cpu, p->vps[0]);
	CHECK_EQ(cpu->timer_deadline, FAR);
	CHECK_EQ(cpu->sliced, 0);
	p->vps[1]->deadline = 7000;
	sched_arm(cpu, p->vps[0]);
	CHECK_EQ(cpu->timer_deadline, 7000);
	CHECK_EQ(cpu->sliced, 0);
	p->vps[2]->state = VP_RUNNABLE;
	p->vps[2]->deadline = 100; /* waits with it */
	sched_arm(cpu, p->vps[0]);
	CHECK_EQ(cpu->timer_deadline, 5000);
	CHECK_EQ(cpu->sliced, 1);
	p->vps[0]->deadline = 3000;
	sched_arm(cpu, p->vps[0]);
	CHECK_EQ(cpu->timer_deadline, 3000);
}

/* Two were called at once: the one whose turn came second has not been yet. */
static void t_event_of_another_vp_gives_a_slice(void)
{
	struct partition *p = one_cpu(3);
	struct cpu *cpu = machine.cpus[0];

	p->vps[0]->state = VP_RUNNABLE;
	p->vps[2]->events = VP_EVENT_IRQ;
	cpu->slice_end = 5000;
	sched_arm(cpu, p->vps[0]);
	CHECK_EQ(cpu->timer_deadline, 5000);
	CHECK_EQ(cpu->sliced, 1);
}

static const struct test tests[] = {
	{"nobody-has-a-reason", t_nobody_has_a_reason},
	{"reasons-of-a-halted-vp", t_reasons_of_a_halted_vp},
	{"stopped-vp-takes-its-events", t_stopped_vp_takes_its_events},
	{"turn-lasts-for-the-slice", t_turn_lasts_for_the_slice},
	{"guest-mode-ends-in-time", t_guest_mode_ends_in_time},
	{"event-of-another-vp-gives-a-slice",
	 t_event_of_another_vp_gives_a_slice},
};

const struct suite suite_sched = SUITE("sched", tests);
