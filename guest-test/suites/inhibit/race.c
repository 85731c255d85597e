/* SPDX-License-Identifier: MIT */
/* Inhibits during flushes, and two inhibits at once. */
#include "call/registers.h"
#include "experiment/inhibited.h"
#include "experiment/shared_cpu.h"
#include "harness/suite.h"
#include "harness/tap.h"
#include "kernel/cmdline.h"
#include "kernel/cpu.h"
#include "kernel/page.h"
#include "kernel/relax.h"
#include "kernel/smp.h"
#include "kernel/watchdog.h"

#define STORM_ROUNDS 48
#define STORM_US     300
#define SWEEP_ROUNDS 64
#define SWEEP_TICKS  2000
#define PAIR_ROUNDS  200
#define CALLERS_MAX  12

/*
 * Odd while VP 1 is surely inhibited. If a call begins and ends at the same odd
 * value, it has ignored the inhibit.
 */
static volatile u64 storm_phase;
static volatile u32 storm_stop;
static volatile u64 storm_passed;
static volatile u64 storm_calls[VPS_MAX];

static void storm_job(void *arg)
{
	struct vpset target = vpset_one(SCENE_TARGET);
	struct flush_call call = scene_list_call(&target);

	(void)arg;
	vpset_add(&call.vps, vp_self()->id);
	while (storm_stop == 0) {
		u64 phase = storm_phase;
		u64 result = flush_call_do(&call);

		if ((phase & 1) != 0 && phase == storm_phase) {
			__atomic_fetch_add(&storm_passed, 1, __ATOMIC_SEQ_CST);
		}
		tap_equal("result", result, flush_call_success(&call));
		storm_calls[vp_self()->id]++;
		watchdog_poll();
		relax_yield();
	}
}

static u32 last_caller(void)
{
	u32 last = SCENE_CALLER + CALLERS_MAX - 1;

	return smp_count() - 1 < last ? smp_count() - 1 : last;
}

/* Waits until every caller has returned twice: no inhibit is left over. */
static void wait_for_calls(void)
{
	for (u32 n = SCENE_CALLER; n <= last_caller(); n++) {
		u64 from = storm_calls[n];

		wait_until(storm_calls[n] >= from + 2);
	}
}

static u64 storm_ticks(u64 round)
{
	return shared_ticks(STORM_US) * (round % 4);
}

/* From 0 to long after the caller has fallen asleep. */
static u64 sweep_ticks(u64 round)
{
	return SWEEP_TICKS * (round % SWEEP_ROUNDS);
}

/* `ticks` gives the length of the inhibit of each round. */
static void storm(u64 rounds, u64 (*ticks)(u64 round))
{
	scene_begin();
	registers_release(SCENE_TARGET);
	storm_stop = 0;
	storm_phase = 0;
	storm_passed = 0;
	for (u32 n = SCENE_CALLER; n <= last_caller(); n++) {
		storm_calls[n] = 0;
	}
	smp_run_range(SCENE_CALLER, last_caller(), storm_job, NULL);
	for (u64 i = 0; i < rounds; i++) {
		wait_for_calls();
		registers_inhibit(SCENE_TARGET);
		storm_phase++;
		cpu_fence();
		shared_wait(ticks(i));
		storm_phase++;
		cpu_fence();
		registers_release(SCENE_TARGET);
	}
	wait_for_calls();
	storm_stop = 1;
	smp_wait_range(SCENE_CALLER, last_caller());
	/* a test compares them with the trace */
	for (u32 n = SCENE_CALLER; n <= last_caller(); n++) {
		tap_note("calls", n, storm_calls[n]);
	}
	tap_equal("calls that passed an inhibit", storm_passed, 0);
	scene_end();
}

static void in_storm(const void *arg)
{
	(void)arg;
	storm(cmdline_rounds(STORM_ROUNDS), storm_ticks);
}

static void clear_sweep(const void *arg)
{
	(void)arg;
	storm(cmdline_rounds(SWEEP_ROUNDS), sweep_ticks);
}

/* Inhibits, looks, clears: a failure of the other VP must not clear it. */
static void good_translator(void *arg)
{
	(void)arg;
	for (u32 i = 0; i < PAIR_ROUNDS; i++) {
		registers_inhibit(SCENE_TARGET);
		tap_true("inhibited", registers_is_inhibited(SCENE_TARGET));
		relax_yield();
		tap_true("inhibited", registers_is_inhibited(SCENE_TARGET));
		registers_release(SCENE_TARGET);
		watchdog_poll();
	}
}

static void bad_translator(void *arg)
{
	(void)arg;
	while (smp_is_busy(SCENE_CALLER)) {
		struct translation t = registers_translate(
			SCENE_TARGET, PAGE_WINDOW + BIT(39) * 10,
			HV_TRANSLATE_READ | HV_TRANSLATE_FLUSH_INHIBIT);

		tap_equal("result code", t.code, HV_TRANSLATE_PAGE_NOT_PRESENT);
		watchdog_poll();
		relax_yield();
	}
}

static void two_translators(const void *arg)
{
	(void)arg;
	scene_begin();
	registers_release(SCENE_TARGET);
	smp_run(SCENE_CALLER, good_translator, NULL);
	smp_run(3, bad_translator, NULL);
	smp_wait(SCENE_CALLER);
	smp_wait(3);
	/* no inhibit is left over: no caller sleeps */
	scene_swap();
	scene_call(SCENE_CALLER);
	scene_returns(SCENE_CALLER);
	scene_end();
}

#define HEADING "TLFS: Restrictions on TLB Flushes"
#define NEEDS   (NEED_HV | NEED_REGISTERS | NEED_TEST_CALL)

/* clang-format off */
static const struct check checks[] = {
	{"in_storm", HEADING, in_storm, NULL, 3, NEEDS},
	{"clear_sweep", HEADING, clear_sweep, NULL, 3, NEEDS},
	{"two_translators", HEADING, two_translators, NULL, 4, NEEDS},
};
/* clang-format on */

SUITE("inhibit", 190, checks);
