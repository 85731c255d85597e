/* SPDX-License-Identifier: MIT */
/* The deadline of the running check, and the timer that looks at it. */
#include "kernel/watchdog.h"
#include "kernel/apic.h"
#include "kernel/cmdline.h"
#include "kernel/cpu.h"
#include "kernel/die.h"
#include "kernel/trap.h"

#include "x86/msr.h"

static volatile u64 deadline = ~0ull;

static void timer_fired(struct trap_frame *frame)
{
	(void)frame;
	apic_eoi();
	watchdog_poll();
}

void watchdog_init(void)
{
	trap_set_handler(WATCHDOG_VECTOR, timer_fired);
}

void watchdog_restart(void)
{
	deadline = cpu_rdtsc() + cmdline_get()->watchdog;
	watchdog_arm();
}

void watchdog_stop(void)
{
	deadline = ~0ull;
}

void watchdog_arm(void)
{
	/* after one period at the latest, as the deadline may be another */
	u64 until = cpu_rdtsc() + cmdline_get()->watchdog;
	u64 end = deadline;

	if (!apic_has_deadline()) {
		return;
	}
	apic_write(APIC_TIMER, APIC_TIMER_DEADLINE | WATCHDOG_VECTOR);
	cpu_fence();
	cpu_wrmsr(MSR_IA32_TSC_DEADLINE, (until < end ? until : end) + 1);
}

void watchdog_poll(void)
{
	if (UNLIKELY(cpu_rdtsc() > deadline)) {
		die_hang();
	}
}
