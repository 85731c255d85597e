/* SPDX-License-Identifier: MIT */
/* Lengths of slices, and VPs that spin. */
#include "experiment/shared_cpu.h"
#include "kernel/cmdline.h"
#include "kernel/cpu.h"
#include "kernel/relax.h"
#include "kernel/smp.h"
#include "kernel/watchdog.h"

#include "tlfs/msr.h"

#define US_PER_SECOND 1000000

static volatile u32 is_over;

u64 shared_ticks(u64 us)
{
	return cpu_rdmsr(HV_X64_MSR_TSC_FREQUENCY) / US_PER_SECOND * us;
}

u64 shared_slice(void)
{
	return shared_ticks(cmdline_get()->slice);
}

u32 shared_most(void)
{
	return (smp_count() + smp_cpus() - 1) / smp_cpus();
}

/* RDTSC and memory accesses: no exits. */
static void spin_job(void *arg)
{
	struct guest_cpu *vp = vp_self();

	if (arg != NULL) {
		cpu_cli();
	}
	while (is_over == 0) {
		vp->spins++;
		watchdog_poll();
	}
	cpu_sti();
}

static void start(u32 n, void *arg)
{
	is_over = 0;
	smp_vps[n]->spins = 0;
	smp_run(n, spin_job, arg);
	wait_until(smp_vps[n]->spins != 0);
}

void shared_spin(u32 n)
{
	start(n, NULL);
}

void shared_spin_dark(u32 n)
{
	static u8 dark; /* not NULL */

	start(n, &dark);
}

void shared_stop(u32 first, u32 last)
{
	is_over = 1;
	smp_wait_range(first, last);
}

void shared_wait(u64 ticks)
{
	u64 until = cpu_rdtsc() + ticks;

	wait_until(cpu_rdtsc() >= until);
}
