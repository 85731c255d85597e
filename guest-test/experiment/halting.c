/* SPDX-License-Identifier: MIT */
#include "experiment/halting.h"
#include "kernel/apic.h"
#include "kernel/cpu.h"
#include "kernel/irq.h"
#include "kernel/relax.h"
#include "kernel/smp.h"

#include "x86/msr.h"

static u32 wake_vector;
static volatile u32 halts;

static void halt_job(void *arg)
{
	(void)arg;
	for (u32 i = 1; i <= HALTING_ROUNDS; i++) {
		cpu_cli();
		halts = i;
		while (irq_got(HALTING_VP, wake_vector) < i) {
			cpu_sti_hlt();
			cpu_cli();
		}
		cpu_sti();
	}
}

void halting_begin(u32 vector)
{
	irq_count(vector);
	irq_reset();
	wake_vector = vector;
	halts = 0;
	smp_run(HALTING_VP, halt_job, NULL);
}

void halting_wait(u32 round)
{
	wait_until(halts == round);
}

void halting_woken(u32 round)
{
	irq_wait(HALTING_VP, wake_vector, round);
}

void halting_end(void)
{
	smp_wait(HALTING_VP);
}

void halting_for_good(void *arg)
{
	(void)arg;
	cpu_cli();
	if (apic_has_deadline()) {
		cpu_wrmsr(MSR_IA32_TSC_DEADLINE, 0);
	}
	apic_write(APIC_INIT, 0);
	for (;;) {
		cpu_hlt();
	}
}
