/* SPDX-License-Identifier: MIT */
/*
 * Two VPs of one CPU that hand a ticket lock to each other. The one that waits
 * keeps the CPU from the one it waits for, until its slice ends; PAUSE in the
 * loop and call 0x0008 are to end its turn before.
 */
#include "call/counters.h"
#include "experiment/shared_cpu.h"
#include "harness/suite.h"
#include "harness/tap.h"
#include "kernel/cpu.h"
#include "kernel/host.h"
#include "kernel/relax.h"
#include "kernel/smp.h"
#include "kernel/watchdog.h"

#include "tlfs/cpuid.h"

#define ROUNDS   32   /* times that each VP takes the lock */
#define SECTION  2000 /* about as many instructions hold it */
#define RATIO    3    /* the least that a hint must gain */
#define LONE     200  /* PAUSEs that are no loop, and the ticks between them */
#define LONE_GAP 1000
#define LOOP     20000 /* PAUSEs in a loop */

/* What a VP does for each attempt that has found the lock taken. */
typedef void wait_fn(u32 attempts);

static struct {
	wait_fn *wait;
	u32 attempts; /* before call 0x0008 */
	volatile u32 next;
	volatile u32 serving;
	u32 owner;      /* of the last turn */
	u32 hand_overs; /* from one VP to the other */
	volatile u64 work;
} lock;

static void wait_spin(u32 attempts)
{
	(void)attempts;
}

static void wait_pause(u32 attempts)
{
	(void)attempts;
	cpu_pause();
}

/* What leaf 4 tells guests to do. */
static void wait_call(u32 attempts)
{
	if (attempts % lock.attempts == 0) {
		(void)host_yield();
	}
}

static void lock_take(void)
{
	u32 ticket = __atomic_fetch_add(&lock.next, 1, __ATOMIC_SEQ_CST);

	for (u32 attempts = 1; lock.serving != ticket; attempts++) {
		watchdog_poll();
		lock.wait(attempts);
	}
	if (lock.owner != vp_self()->id) {
		lock.owner = vp_self()->id;
		lock.hand_overs++;
	}
}

static void contend(void *arg)
{
	(void)arg;
	for (u32 i = 0; i < ROUNDS; i++) {
		lock_take();
		for (u32 k = 0; k < SECTION / 4; k++) {
			lock.work++;
		}
		lock.serving++;
	}
}

/* Ticks for a hand-over of the lock between VP 0 and VP `other`. */
static u64 measure(const char *name, wait_fn *wait, u32 other)
{
	u64 ticks;

	/* VP 0 has the lock until the other one waits for it */
	lock.wait = wait;
	lock.owner = lock.serving = lock.hand_overs = 0;
	lock.next = 1;
	smp_run(other, contend, NULL);
	wait_until(lock.next == 2);
	ticks = cpu_rdtsc();
	lock.serving++;
	contend(NULL);
	smp_wait(other);
	ticks = cpu_rdtsc() - ticks;
	tap_equal("turns", lock.serving, 2 * ROUNDS + 1);
	tap_at_least("hand-overs", lock.hand_overs, 2 * ROUNDS - 1);
	ticks /= lock.hand_overs;
	tap_note(name, ticks, lock.hand_overs);
	return ticks;
}

static void gains(const char *name, wait_fn *wait)
{
	u64 before =
		measure("ticks of a hand-over, spin", wait_spin, smp_cpus());

	tap_at_least("ticks without the hint", before,
		     RATIO * measure(name, wait, smp_cpus()));
}

static void pause_loop(const void *arg)
{
	(void)arg;
	gains("ticks of a hand-over, pause", wait_pause);
}

static void spin_call(const void *arg)
{
	(void)arg;
	lock.attempts = cpu_cpuid(HV_CPUID_RECOMMENDATIONS, 0).ebx;
	if (tap_at_most("attempts before the call", lock.attempts, 0xffff) &&
	    tap_at_least("attempts before the call", lock.attempts, 1)) {
		gains("ticks of a hand-over, call", wait_call);
	}
}

/* The lock is between VPs of two CPUs, each of which has a busy VP too. */
static void apart(const void *arg)
{
	u64 before;

	(void)arg;
	if (smp_cpus() != 2 || smp_count() != 4) {
		tap_skip("not 4 VPs on 2 CPUs");
		return;
	}
	shared_spin(2);
	shared_spin(3);
	before = measure("ticks of a hand-over, spin", wait_spin, 1);
	tap_at_most("ticks with the hint",
		    measure("ticks of a hand-over, pause", wait_pause, 1),
		    before * 2);
	shared_stop(2, 3);
}

static u64 exits(void)
{
	struct lethe_test_output *out = (void *)vp_self()->output;

	test_call_read(vp_self()->id, out);
	return out->exits;
}

/* PAUSEs with a gap between them are no loop. */
static void lone_pause(const void *arg)
{
	u64 from = exits();

	(void)arg;
	for (u32 i = 0; i < LONE; i++) {
		u64 until = cpu_rdtsc() + LONE_GAP;

		cpu_pause();
		while (cpu_rdtsc() < until) {
			watchdog_poll();
		}
	}
	tap_at_most("VM exits", exits() - from, LONE / 10);
}

static u64 loop_ticks(void)
{
	u64 from = cpu_rdtsc();

	for (u32 i = 0; i < LOOP; i++) {
		cpu_pause();
	}
	return cpu_rdtsc() - from;
}

/* Nobody else could run: the loop exits now and then, and goes on at once. */
static void nobody_waits(const void *arg)
{
	u64 from;
	u64 ticks;

	(void)arg;
	shared_wait(2 * shared_slice());
	from = exits();
	ticks = loop_ticks();
	tap_note("ticks of a loop alone, exits", ticks, exits() - from);
	tap_at_most("ticks", ticks, LOOP * 3 * 5 / 4);
}

#define NEEDS (NEED_HV | NEED_SHARED)

/* clang-format off */
static const struct check checks[] = {
	{"pause", "SDM: PAUSE-Loop Exiting", pause_loop, NULL, 2,
	 NEEDS | NEED_LETHE},
	{"call", "TLFS: HvCallNotifyLongSpinWait", spin_call, NULL, 2, NEEDS},
	{"apart", "SDM: PAUSE-Loop Exiting", apart, NULL, 4, NEEDS},
	{"lone_pause", "SDM: PAUSE-Loop Exiting", lone_pause, NULL, 2,
	 NEEDS | NEED_TEST_CALL},
	{"nobody_waits", "SDM: PAUSE-Loop Exiting", nobody_waits, NULL, 2,
	 NEEDS | NEED_TEST_CALL},
};
/* clang-format on */

SUITE("lock", 131, checks);
