/* SPDX-License-Identifier: MIT */
/* AP start, and the mailbox by which VP 0 gives work to the other VPs. */
#include "kernel/smp.h"
#include "kernel/apic.h"
#include "kernel/cmdline.h"
#include "kernel/cpu.h"
#include "kernel/host.h"
#include "kernel/idt.h"
#include "kernel/mem.h"
#include "kernel/page.h"
#include "kernel/relax.h"
#include "kernel/trap.h"
#include "kernel/watchdog.h"

#include "x86/msr.h"

#define SMP_WAKE_VECTOR 0xf0

extern const u8 ap_begin[];
extern const u8 ap_end[];
__noreturn void smp_ap_main(struct guest_cpu *vp);

struct guest_cpu *smp_vps[VPS_MAX];
static u32 vp_count;

static void wake_arrived(struct trap_frame *frame)
{
	(void)frame;
	apic_eoi();
}

static void vp_load(struct guest_cpu *vp)
{
	gdt_load(&vp->gdt, vp->stack_top);
	cpu_wrmsr(MSR_IA32_GS_BASE, (u64)vp);
	idt_load();
	apic_init();
}

void smp_init(u32 count, u32 stride)
{
	vp_count = count;
	for (u32 n = 0; n < count; n++) {
		struct guest_cpu *vp = page_alloc(sizeof(*vp));
		u8 *stack = page_alloc(VP_STACK);

		memset(vp, 0, sizeof(*vp));
		vp->self = vp;
		vp->id = n;
		vp->index = n * stride;
		vp->stack_top = (u64)(stack + VP_STACK);
		vp->input = page_alloc(PAGE_SIZE);
		vp->output = page_alloc(PAGE_SIZE);
		smp_vps[n] = vp;
	}
	trap_set_handler(SMP_WAKE_VECTOR, wake_arrived);
	memcpy((void *)(u64)AP_PAGE, ap_begin, (size_t)(ap_end - ap_begin));
	vp_load(smp_vps[0]);
}

/* A free VP spins or halts, by idle=, until it gets a job. */
static void wait_for_job(struct guest_cpu *vp)
{
	while (vp->job == NULL) {
		if (cmdline_get()->idle_hlt) {
			cpu_cli();
			if (vp->job == NULL) {
				watchdog_arm();
				cpu_sti_hlt();
			}
			cpu_sti();
		} else {
			cpu_pause();
		}
		watchdog_poll();
	}
}

void smp_ap_main(struct guest_cpu *vp)
{
	vp->try_rsp = 0;
	vp_load(vp);
	vp->starts++;
	cpu_sti();
	for (;;) {
		wait_for_job(vp);
		vp->job(vp->job_arg);
		cpu_fence();
		vp->job = NULL;
	}
}

void smp_send_init(u32 n)
{
	apic_send(n, APIC_ICR_INIT | APIC_ICR_ASSERT);
}

void smp_send_sipi_page(u32 n, u32 page)
{
	apic_send(n, APIC_ICR_SIPI | APIC_ICR_ASSERT | (page >> PAGE_SHIFT));
}

void smp_send_sipi(u32 n)
{
	smp_send_sipi_page(n, AP_PAGE);
}

void smp_start(void)
{
	for (u32 n = 1; n < vp_count; n++) {
		smp_send_init(n);
		smp_send_sipi(n);
		smp_send_sipi(n);
	}
	for (u32 n = 1; n < vp_count; n++) {
		wait_until(smp_vps[n]->starts != 0);
	}
}

void smp_run(u32 n, vp_fn *fn, void *arg)
{
	struct guest_cpu *vp = smp_vps[n];

	vp->job_arg = arg;
	cpu_fence();
	vp->job = fn;
	if (cmdline_get()->idle_hlt) {
		apic_send(n, SMP_WAKE_VECTOR);
	}
}

bool smp_is_busy(u32 n)
{
	return smp_vps[n]->job != NULL;
}

void smp_wait(u32 n)
{
	wait_until(!smp_is_busy(n));
}

void smp_run_range(u32 first, u32 last, vp_fn *fn, void *arg)
{
	for (u32 n = first; n <= last; n++) {
		smp_run(n, fn, arg);
	}
}

void smp_wait_range(u32 first, u32 last)
{
	for (u32 n = first; n <= last; n++) {
		smp_wait(n);
	}
}

u32 smp_count(void)
{
	return vp_count;
}

u32 smp_cpus(void)
{
	u32 cpus = host_get()->cpus;

	return cpus == 0 || cpus > vp_count ? vp_count : cpus;
}
