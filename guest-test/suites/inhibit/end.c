/* SPDX-License-Identifier: MIT */
/*
 * Runs that end while a VP is suspended: another VP stops the partition, or all
 * VPs sleep for good, and the runner ends the run when the console reports it.
 */
#include "call/registers.h"
#include "experiment/halting.h"
#include "experiment/inhibited.h"
#include "experiment/reader.h"
#include "harness/suite.h"
#include "harness/tap.h"
#include "kernel/apic.h"
#include "kernel/cpu.h"
#include "kernel/relax.h"
#include "kernel/serial.h"
#include "kernel/smp.h"
#include "kernel/watchdog.h"

#include "x86/msr.h"

static void suspend_all_callers(void)
{
	scene_begin();
	for (u32 n = SCENE_CALLER; n < smp_count() - 1; n++) {
		scene_call(n);
	}
	for (u32 n = SCENE_CALLER; n < smp_count() - 1; n++) {
		scene_sleeps(n);
	}
}

static void end_job(void *arg)
{
	(void)arg;
	tap_end();
	serial_exit(tap_finish());
}

/* The last VP makes the debug exit while the callers are suspended. */
static void stop(const void *arg)
{
	(void)arg;
	suspend_all_callers();
	smp_run(smp_count() - 1, end_job, NULL);
	for (;;) {
		watchdog_poll();
		relax();
	}
}

/* Makes a call that is suspended; no timer of this VP would wake it. */
static void last_call_job(void *arg)
{
	(void)arg;
	cpu_cli();
	if (apic_has_deadline()) {
		cpu_wrmsr(MSR_IA32_TSC_DEADLINE, 0);
	}
	(void)flush_call_do(&scene_callers[SCENE_CALLER]->call);
}

static void dead(const void *arg)
{
	(void)arg;
	watchdog_stop();
	scene_begin();
	reader_of(SCENE_TARGET)->stop = 1;
	smp_wait(SCENE_TARGET);
	for (u32 n = 1; n < smp_count(); n++) {
		smp_run(n, n == SCENE_CALLER ? last_call_job : halting_for_good,
			NULL);
	}
	wait_until(registers_is_suspended(SCENE_CALLER));
	serial_puts("# expecting a report: all sleep, one is suspended\n");
	halting_for_good(NULL);
}

#define HEADING "TLFS: Restrictions on TLB Flushes"
#define NEEDS   (NEED_HV | NEED_REGISTERS | NEED_TEST_CALL)

/* clang-format off */
static const struct check stop_checks[] = {
	{"stop", HEADING, stop, NULL, 4, NEEDS},
};
static const struct check dead_checks[] = {
	{"dead", HEADING, dead, NULL, 3, NEEDS},
};
/* clang-format on */

SUITE("inhibit-stop", 210, stop_checks);
SUITE("inhibit-dead", 220, dead_checks);
