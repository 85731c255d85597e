/* SPDX-License-Identifier: MIT */
/* When interrupts are open, and what wakes or restarts a VP. */
#include "experiment/halting.h"
#include "harness/tap.h"
#include "kernel/apic.h"
#include "kernel/cpu.h"
#include "kernel/irq.h"
#include "kernel/relax.h"
#include "kernel/smp.h"
#include "kernel/trap.h"
#include "suites/apic/apic_suite.h"

#define VEC_LOW  0x45
#define VEC_HIGH 0x75

void apic_check_interrupt_window(const void *arg)
{
	(void)arg;
	irq_count(VEC_LOW);
	irq_count(VEC_HIGH);
	irq_reset();
	cpu_cli();
	apic_send(0, APIC_ICR_ASSERT | VEC_LOW);
	apic_send(0, APIC_ICR_ASSERT | VEC_HIGH);
	irq_settle();
	tap_equal("IF=0", irq_got(0, VEC_LOW) + irq_got(0, VEC_HIGH), 0);
	cpu_sti();
	irq_wait(0, VEC_LOW, 1);
	irq_wait(0, VEC_HIGH, 1);
	tap_equal("after STI", irq_got(0, VEC_LOW) + irq_got(0, VEC_HIGH), 2);
}

/* SDM 2B, "STI": the interrupt comes after HLT, not between STI and HLT. */
void apic_check_sti_shadow(const void *arg)
{
	u64 behind_hlt;

	(void)arg;
	irq_count(VEC_LOW);
	irq_reset();
	cpu_cli();
	apic_send(0, APIC_ICR_ASSERT | VEC_LOW);
	irq_settle();
	__asm__ volatile("leaq 1f(%%rip), %0; sti; hlt; 1:"
			 : "=r"(behind_hlt)
			 :
			 : "memory");
	tap_equal("woken", irq_got(0, VEC_LOW), 1);
	tap_equal("interrupted RIP", vp_self()->irq_rip, behind_hlt);
}

void apic_check_hlt_ipi(const void *arg)
{
	(void)arg;
	halting_begin(VEC_LOW);
	for (u32 i = 1; i <= HALTING_ROUNDS; i++) {
		halting_wait(i);
		for (u32 k = 0; k < i * 7; k++) {
			cpu_pause();
		}
		apic_send(HALTING_VP, APIC_ICR_ASSERT | VEC_LOW);
		halting_woken(i);
	}
	halting_end();
	tap_equal("woken each time", irq_got(HALTING_VP, VEC_LOW),
		  HALTING_ROUNDS);
}

static volatile u32 is_halting;

static void halt_dark_job(void *arg)
{
	(void)arg;
	cpu_cli();
	is_halting = 1;
	while (vp_self()->nmi_count == 0) {
		cpu_hlt();
	}
	cpu_sti();
}

void apic_check_hlt_nmi(const void *arg)
{
	(void)arg;
	irq_count_nmi();
	irq_reset();
	is_halting = 0;
	smp_run(1, halt_dark_job, NULL);
	spin_until(is_halting != 0);
	irq_settle();
	tap_true("halted with IF=0", smp_is_busy(1));
	apic_send(1, APIC_ICR_NMI | APIC_ICR_ASSERT);
	smp_wait(1);
	tap_equal("NMI", irq_got_nmi(1), 1);
	trap_set_handler(TRAP_NMI, NULL);
}

void apic_check_init_sipi(const void *arg)
{
	struct guest_cpu *vp = smp_vps[1];
	u32 starts = vp->starts;

	(void)arg;
	for (u32 i = 1; i <= 3; i++) {
		smp_send_init(1);
		irq_settle();
		tap_equal("INIT alone starts nothing", vp->starts,
			  starts + i - 1);
		smp_send_sipi(1);
		smp_send_sipi(1);
		wait_until(vp->starts != starts + i - 1);
	}
	/* a VP that does not wait for a SIPI ignores it */
	smp_send_sipi(1);
	irq_settle();
	tap_equal("started once for each INIT", vp->starts, starts + 3);
	irq_count(VEC_LOW);
	irq_reset();
	apic_send(1, APIC_ICR_ASSERT | VEC_LOW);
	irq_wait(1, VEC_LOW, 1);
}
