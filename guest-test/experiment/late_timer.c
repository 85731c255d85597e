/* SPDX-License-Identifier: MIT */
/* The timer's interrupt takes the time; the VP has nothing else to do. */
#include "experiment/late_timer.h"
#include "kernel/apic.h"
#include "kernel/cpu.h"
#include "kernel/trap.h"

#include "x86/msr.h"

#define TIMER_VECTOR 0x52

volatile u64 late_timer_ticks;
volatile u32 late_timer_fired;

static volatile u64 due;

static void arrived(struct trap_frame *frame)
{
	u64 late = cpu_rdtsc() - due;

	(void)frame;
	late_timer_ticks = late > late_timer_ticks ? late : late_timer_ticks;
	late_timer_fired++;
	apic_eoi();
}

void late_timer_begin(void)
{
	late_timer_ticks = 0;
	late_timer_fired = 0;
	trap_set_handler(TIMER_VECTOR, arrived);
}

void late_timer_sleep(u64 ticks)
{
	u32 before = late_timer_fired;

	apic_write(APIC_TIMER, APIC_TIMER_DEADLINE | TIMER_VECTOR);
	cpu_fence();
	due = cpu_rdtsc() + ticks;
	cpu_wrmsr(MSR_IA32_TSC_DEADLINE, due);
	while (late_timer_fired == before) {
		cpu_sti_hlt();
		cpu_cli();
	}
}
