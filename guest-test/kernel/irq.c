/* SPDX-License-Identifier: MIT */
/* The handlers that count. */
#include "kernel/irq.h"
#include "kernel/apic.h"
#include "kernel/cpu.h"
#include "kernel/relax.h"
#include "kernel/smp.h"
#include "kernel/trap.h"

#define SETTLE_TICKS 20000

static void counted(struct trap_frame *frame)
{
	struct guest_cpu *vp = vp_self();

	vp->irq_rip = frame->rip;
	vp->irq_count[frame->vector]++;
	apic_eoi();
}

static void counted_nmi(struct trap_frame *frame)
{
	struct guest_cpu *vp = vp_self();

	vp->irq_rip = frame->rip;
	vp->nmi_count++;
}

void irq_count(u32 vector)
{
	trap_set_handler(vector, counted);
}

void irq_count_nmi(void)
{
	trap_set_handler(TRAP_NMI, counted_nmi);
}

void irq_reset(void)
{
	for (u32 n = 0; n < smp_count(); n++) {
		for (u32 v = 0; v < 256; v++) {
			smp_vps[n]->irq_count[v] = 0;
		}
		smp_vps[n]->nmi_count = 0;
	}
}

u32 irq_got(u32 n, u32 vector)
{
	return smp_vps[n]->irq_count[vector];
}

u32 irq_got_nmi(u32 n)
{
	return smp_vps[n]->nmi_count;
}

void irq_wait(u32 n, u32 vector, u32 count)
{
	wait_until(irq_got(n, vector) >= count);
}

void irq_wait_nmi(u32 n, u32 count)
{
	wait_until(irq_got_nmi(n) >= count);
}

void irq_settle(void)
{
	u64 until = cpu_rdtsc() + SETTLE_TICKS;

	wait_until(cpu_rdtsc() >= until);
}
