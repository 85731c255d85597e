/* SPDX-License-Identifier: MIT */
/*
 * A partition that shares its CPU with an exit storm of another one: its timer
 * fires in time while it sleeps, it gets its turns while it spins, and its
 * lines come out.
 */
#include "experiment/late_timer.h"
#include "experiment/shared_cpu.h"
#include "harness/suite.h"
#include "harness/tap.h"
#include "kernel/cpu.h"

#define ROUNDS    8
#define PERIOD_US 3000

/* Asleep: the timer ends the other's turn, whatever exits that one makes. */
static void sleeper(const void *arg)
{
	(void)arg;
	late_timer_begin();
	cpu_cli();
	for (u32 i = 0; i < ROUNDS; i++) {
		late_timer_sleep(shared_ticks(PERIOD_US));
		tap_note("late", i, late_timer_ticks);
	}
	cpu_sti();
	tap_equal("timers", late_timer_fired, ROUNDS);
	/* the look of a CPU, and a switch */
	tap_at_most("ticks late", late_timer_ticks, shared_ticks(1000));
}

/* Awake: the turns go round, so the longest pause is a slice of the other. */
static void spinner(const void *arg)
{
	u64 end = cpu_rdtsc() + 10 * shared_slice();
	u64 before = cpu_rdtsc();
	u64 longest = 0;

	(void)arg;
	while (before < end) {
		u64 now = cpu_rdtsc();

		longest = now - before > longest ? now - before : longest;
		before = now;
	}
	tap_note("longest pause", longest, shared_slice());
	tap_at_most("ticks of pause", longest, 2 * shared_slice());
}

#define HEADING "SDM 3C: VMX-Preemption Timer"

static const struct check checks[] = {
	{"sleeper", HEADING, sleeper, NULL, 1, NEED_HV | NEED_DEADLINE},
	{"spinner", HEADING, spinner, NULL, 1, NEED_HV},
};

SUITE("beside", 366, checks);
