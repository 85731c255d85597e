/* SPDX-License-Identifier: MIT */
/*
 * Exit storms: only= chooses the kind of exit, which VP 0 causes for ever with
 * interrupts off, so that the run ends by what another partition does.
 */
#include "harness/suite.h"
#include "harness/tap.h"
#include "kernel/apic.h"
#include "kernel/cpu.h"
#include "kernel/host.h"
#include "kernel/page.h"
#include "kernel/trap.h"
#include "kernel/watchdog.h"

#include "tlfs/msr.h"

#define PORT_NOBODY   0x2e8
#define PORT_COM1_LSR 0x3fd
#define WAKE_VECTOR   0x57
#define CR0_WP        BIT(16)

static void do_cpuid(void)
{
	(void)cpu_cpuid(0, 0);
}

static void do_vmcall(void)
{
	(void)hypercall(0xffff, 0, 0);
}

static void do_rdmsr(void)
{
	(void)cpu_rdmsr(HV_X64_MSR_VP_INDEX);
}

static void do_wrmsr(void)
{
	apic_write(APIC_TPR, 0);
}

static void do_in(void)
{
	(void)cpu_in8(PORT_NOBODY);
}

static void do_out(void)
{
	cpu_out8(PORT_NOBODY, 0);
}

/* Reads of the line status, as a driver that waits makes them. */
static void do_uart(void)
{
	(void)cpu_in8(PORT_COM1_LSR);
}

/* Each HLT ends at once: an interrupt is pending. */
static void do_hlt(void)
{
	apic_write(APIC_SELF, WAKE_VECTOR);
	cpu_sti_hlt();
	cpu_cli();
}

/* A loop of them exits at the end of each window: PAUSE-loop exiting */
static void do_pause(void)
{
	cpu_pause();
}

static void do_cr0(void)
{
	cpu_set_cr0(cpu_cr0() ^ CR0_WP);
}

static void do_cr3(void)
{
	cpu_set_cr3(cpu_cr3());
}

static void do_cr4(void)
{
	cpu_set_cr4(cpu_cr4());
}

static void do_invlpg(void)
{
	cpu_invlpg(page_window(0));
}

static void do_page_fault(void)
{
	u64 value;

	(void)trap_read64(page_window(1), &value);
}

static void int1(void *arg)
{
	(void)arg;
	__asm__ volatile(".byte 0xf1" : : : "memory");
}

static void do_debug(void)
{
	(void)trap_try(int1, NULL);
}

static void vmxoff(void *arg)
{
	(void)arg;
	__asm__ volatile("vmxoff" : : : "memory");
}

static void do_undefined(void)
{
	(void)trap_try(vmxoff, NULL);
}

static void woken(struct trap_frame *frame)
{
	(void)frame;
	apic_eoi();
}

typedef void storm_fn(void);

struct storm {
	storm_fn *once;
};

static void storm(const void *arg)
{
	const struct storm *kind = (const struct storm *)arg;

	page_set_entry(1, 0);
	trap_set_handler(WAKE_VECTOR, woken);
	watchdog_stop();
	tap_note("storm", 0, 0);
	cpu_cli();
	for (;;) {
		kind->once();
	}
}

#define KIND(_name) static const struct storm kind_##_name = {do_##_name}
KIND(cpuid);
KIND(vmcall);
KIND(rdmsr);
KIND(wrmsr);
KIND(in);
KIND(out);
KIND(uart);
KIND(hlt);
KIND(pause);
KIND(cr0);
KIND(cr3);
KIND(cr4);
KIND(invlpg);
KIND(page_fault);
KIND(debug);
KIND(undefined);

#define ROW(_name, _needs)                                                     \
	{                                                                      \
#_name, "SDM 3C: VMX-Preemption Timer", storm, &kind_##_name,  \
			1, NEED_HV | (_needs)                                  \
	}

static const struct check storm_checks[] = {
	ROW(cpuid, 0),
	ROW(vmcall, 0),
	ROW(rdmsr, 0),
	ROW(wrmsr, NEED_X2APIC),
	ROW(in, 0),
	ROW(out, 0),
	ROW(uart, 0),
	ROW(hlt, NEED_X2APIC),
	ROW(pause, 0),
	ROW(cr0, NEED_SHADOW),
	ROW(cr3, NEED_SHADOW),
	ROW(cr4, NEED_SHADOW),
	ROW(invlpg, NEED_SHADOW),
	ROW(page_fault, NEED_SHADOW),
	ROW(debug, 0),
	ROW(undefined, 0),
};

SUITE("exit-storm", 365, storm_checks);
