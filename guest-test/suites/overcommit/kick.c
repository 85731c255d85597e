/* SPDX-License-Identifier: MIT */
/* A flush kicks no VP that does not run. */
#include "call/counters.h"
#include "call/flush.h"
#include "experiment/shared_cpu.h"
#include "harness/suite.h"
#include "harness/tap.h"
#include "kernel/relax.h"
#include "kernel/smp.h"

#define KICK_SAMPLES 64
#define KICK_LEAST   8 /* of them: the target did not run */

static void flush_index(u32 n)
{
	struct flush_call call = {
		.code = HV_CALL_FLUSH_VIRTUAL_ADDRESS_SPACE_EX,
		.vps = vpset_one(n),
	};

	tap_equal("result", flush_call_do(&call), flush_call_success(&call));
}

/* All VPs without a job halt. */
static void kick_halted(const void *arg)
{
	u64 from;

	(void)arg;
	shared_wait(2 * shared_slice());
	from = test_call_kicks();
	for (u32 n = 1; n < smp_count(); n++) {
		flush_index(n);
	}
	tap_equal("kicks", test_call_kicks() - from, 0);
}

/* INIT puts the last VP into wait-for-SIPI. */
static void kick_wait_for_sipi(const void *arg)
{
	u32 last = smp_count() - 1;
	u32 starts = smp_vps[last]->starts;
	u64 from;

	(void)arg;
	smp_send_init(last);
	shared_wait(2 * shared_slice());
	from = test_call_kicks();
	for (u32 i = 0; i < 16; i++) {
		flush_index(last);
	}
	tap_equal("kicks", test_call_kicks() - from, 0);
	smp_send_sipi(last);
	wait_until(smp_vps[last]->starts != starts);
}

/*
 * If the counter of VP 1 stands still, another VP has the CPU; not if its turn
 * begins with the call: then it needs a moment to count on.
 */
static void kick_descheduled(const void *arg)
{
	u32 other = 1 + smp_cpus();
	u64 kicks_due_0 = 0;
	u32 samples = 0;

	(void)arg;
	if (smp_cpus() == 1 || smp_count() <= other) {
		tap_skip("too few VPs or CPUs");
		return;
	}
	shared_spin(1);
	shared_spin(other);
	for (u32 i = 0; i < KICK_SAMPLES; i++) {
		u64 spins = smp_vps[1]->spins;
		u64 from = test_call_kicks();
		u64 kicks;

		flush_index(1);
		kicks = test_call_kicks() - from;
		shared_wait(shared_slice() / 10);
		if (smp_vps[1]->spins == spins) {
			samples++;
			kicks_due_0 += kicks;
		}
		shared_wait(shared_slice() / 5);
	}
	shared_stop(1, 1);
	smp_wait(other);
	tap_equal("kicks", kicks_due_0, 0);
	tap_at_least("calls while it was descheduled", samples, KICK_LEAST);
}

#define TEST (NEED_HV | NEED_SHARED | NEED_TEST_CALL | NEED_EX)

/* clang-format off */
static const struct check checks[] = {
	{"kick_halted", "design: the kick", kick_halted, NULL, 2, TEST},
	{"kick_wait_for_sipi", "design: the kick", kick_wait_for_sipi, NULL, 2,
	 TEST},
	/* the VP stands still because Lethe, not a host below, runs another */
	{"kick_descheduled", "design: the kick", kick_descheduled, NULL, 3,
	 TEST | TAG_TICKS},
};
/* clang-format on */

SUITE("overcommit", 130, checks);
