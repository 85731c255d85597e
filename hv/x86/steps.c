/* SPDX-License-Identifier: MIT */
/*
 * Test builds (make STRETCH=n): each step of core/port/step.h takes n turns,
 * and a clear counts the steps at which the other CPUs are just then.
 */
#include "x86/steps.h"

#include "core/console/log.h"
#include "core/port/step.h"
#include "core/state/cpu.h"
#include "core/state/machine.h"
#include "core/state/vp.h"
#include "x86/insn.h"
#include "x86/percpu.h"

#ifdef LETHE_STEPS

/*
 * Longer than an entry and an exit, so that a guest can clear an inhibit within
 * one step.
 */
#define STEP_TURNS (8 * LETHE_STRETCH)

/* any CPU, atomic */
static u32 step_of[CPUS_MAX];
static u64 hits[STEP_COUNT];
static u64 clears;

static void count_hits(void)
{
	__atomic_fetch_add(&clears, 1, __ATOMIC_RELAXED);
	for (u32 i = 0; i < machine.cpu_count; i++) {
		u32 step = __atomic_load_n(&step_of[i], __ATOMIC_ACQUIRE);

		__atomic_fetch_add(&hits[step], 1, __ATOMIC_RELAXED);
	}
}

/*
 * True every second time, so that delayed and undelayed clears both meet the
 * delayed steps of other CPUs.
 */
static bool clears_fast(void)
{
	return (__atomic_load_n(&clears, __ATOMIC_RELAXED) & 1) != 0;
}

static bool has_suspended(const struct cpu *cpu)
{
	for (u32 i = 0; i < cpu->vp_count; i++) {
		if (cpu->vps[i]->own.state == VP_SUSPENDED) {
			return true;
		}
	}
	return false;
}

void port_step(enum step step)
{
	struct cpu *cpu = this_cpu();

	if (step == STEP_IDLE && !has_suspended(cpu)) {
		return;
	}
	if (step == STEP_WORD_CLEARED) {
		count_hits();
	}
	if (step > STEP_IDLE && clears_fast()) {
		return;
	}
	__atomic_store_n(&step_of[cpu->number], step, __ATOMIC_RELEASE);
	for (int i = 0; i < STEP_TURNS; i++) {
		insn_pause();
	}
	__atomic_store_n(&step_of[cpu->number], STEP_NONE, __ATOMIC_RELEASE);
}

void steps_report(void)
{
	log_line("steps",
		 "cleared at flush-ended=%lu state-written=%lu bit-set=%lu "
		 "looked=%lu idle=%lu",
		 hits[STEP_FLUSH_ENDED], hits[STEP_STATE_WRITTEN],
		 hits[STEP_BIT_SET], hits[STEP_LOOKED], hits[STEP_IDLE]);
}

#endif
