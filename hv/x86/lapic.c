/* SPDX-License-Identifier: MIT */
/* The physical local APIC: mode, kicks, the idle timer. */
#include "x86/lapic.h"

#include "core/port/port.h"
#include "core/state/machine.h"
#include "x86/apic.h"
#include "x86/cpuid.h"
#include "x86/insn.h"
#include "x86/msr.h"
#include "x86/section.h"
#include "x86/tsc.h"

#define PIC_MASTER_DATA 0x21
#define PIC_SLAVE_DATA  0xa1

#define CALIBRATE_US 10000

static bool enabled __ro_after_launch;
static bool has_deadline __ro_after_launch;
static u64 timer_hz __ro_after_launch; /* one-shot mode only */

void lapic_mask_pic(void)
{
	insn_outb(PIC_MASTER_DATA, 0xff);
	insn_outb(PIC_SLAVE_DATA, 0xff);
}

/* The LVT registers and the highest LVT number at which each exists */
static const struct {
	u32 msr;
	u32 number;
} lvts[] = {
	{MSR_IA32_X2APIC_LVT_TIMER, 0}, {MSR_IA32_X2APIC_LVT_LINT0, 1},
	{MSR_IA32_X2APIC_LVT_LINT1, 2}, {MSR_IA32_X2APIC_LVT_ERROR, 3},
	{MSR_IA32_X2APIC_LVT_PMI, 4},   {MSR_IA32_X2APIC_LVT_THERMAL, 5},
	{MSR_IA32_X2APIC_LVT_CMCI, 6},
};

static void mask_lvts(void)
{
	u64 version = insn_rdmsr(MSR_IA32_X2APIC_VERSION);
	u64 last = FIELD_GET(APIC_VERSION_MAX_LVT, version);

	for (size_t i = 0; i < ARRAY_SIZE(lvts); i++) {
		if (lvts[i].number <= last) {
			/* vector 16: below it, writing sets an error bit */
			insn_wrmsr(lvts[i].msr, APIC_LVT_MASKED | 16);
		}
	}
}

static bool in_service(void)
{
	u64 any = 0;

	for (u32 i = 0; i < 8; i++) {
		any |= insn_rdmsr(MSR_IA32_X2APIC_ISR0 + i);
	}
	return any != 0;
}

void lapic_enable(void)
{
	u64 base = insn_rdmsr(MSR_IA32_APIC_BASE);
	u32 regs[4];

	if (!(base & APIC_BASE_EN)) {
		/* SDM 3A, "x2APIC States": off to x2APIC goes by xAPIC */
		insn_wrmsr(MSR_IA32_APIC_BASE, base | APIC_BASE_EN);
	}
	base |= APIC_BASE_EN | APIC_BASE_EXTD;
	insn_wrmsr(MSR_IA32_APIC_BASE, base);
	/* Bochs 2.7 computes the LDR at the second write only */
	insn_wrmsr(MSR_IA32_APIC_BASE, base);
	insn_wrmsr(MSR_IA32_X2APIC_SIVR,
		   APIC_SIVR_ENABLE | LAPIC_VECTOR_SPURIOUS);
	mask_lvts();
	/* only the idle timer: blocks interrupts that firmware left enabled in
	   an I/O APIC */
	insn_wrmsr(MSR_IA32_X2APIC_TPR, LAPIC_VECTOR_TIMER - 0x10);
	/* firmware may have left interrupts in service, at most 256 */
	for (u32 i = 0; i < 256 && in_service(); i++) {
		lapic_eoi();
	}
	if (!enabled) {
		port_cpuid(CPUID_LEAF_FEATURES, 0, regs);
		has_deadline = (regs[2] & CPUID_1_ECX_TSC_DEADLINE) != 0;
		enabled = true;
	}
}

void lapic_calibrate(void)
{
	if (has_deadline) {
		return;
	}
	insn_wrmsr(MSR_IA32_X2APIC_DIV_CONF, APIC_DIV_CONF_1);
	insn_wrmsr(MSR_IA32_X2APIC_INIT_COUNT, ~0u);
	u64 tsc = insn_rdtsc();

	tsc_wait_us(CALIBRATE_US);
	u64 left = insn_rdmsr(MSR_IA32_X2APIC_CURRENT_COUNT);

	tsc = insn_rdtsc() - tsc;
	insn_wrmsr(MSR_IA32_X2APIC_INIT_COUNT, 0);
	timer_hz = (~0u - left) * machine.tsc_hz / tsc;
	HV_ASSERT(timer_hz != 0);
}

void lapic_eoi(void)
{
	insn_wrmsr(MSR_IA32_X2APIC_EOI, 0);
}

/* Timer counts until `deadline`, rounded up; at most those of a second. */
static u64 counts_until(u64 deadline)
{
	u64 now = insn_rdtsc();
	u64 ticks = deadline > now ? deadline - now : 0;
	u64 last = machine.tsc_hz - 1; /* of a second */

	if (ticks > last) {
		ticks = last;
	}
	/* in units of 1024, so that the product stays below 2^64 */
	u64 counts = (ticks / 1024 + 1) * timer_hz / (machine.tsc_hz / 1024);

	return counts < ~0u ? counts + 1 : ~0u;
}

void lapic_timer_arm(u64 deadline)
{
	if (!has_deadline) {
		insn_wrmsr(MSR_IA32_X2APIC_LVT_TIMER,
			   APIC_LVT_ONESHOT | LAPIC_VECTOR_TIMER);
		insn_wrmsr(MSR_IA32_X2APIC_DIV_CONF, APIC_DIV_CONF_1);
		insn_wrmsr(MSR_IA32_X2APIC_INIT_COUNT, counts_until(deadline));
		return;
	}
	insn_wrmsr(MSR_IA32_X2APIC_LVT_TIMER,
		   APIC_LVT_DEADLINE | LAPIC_VECTOR_TIMER);
	/* SDM 3A, "TSC-Deadline Mode": the LVT write comes first.
	   rule: fence-before-wrmsr */
	insn_fence_before_wrmsr();
	insn_wrmsr(MSR_IA32_TSC_DEADLINE, deadline == 0 ? 1 : deadline);
}

void lapic_timer_disarm(void)
{
	if (has_deadline) {
		insn_wrmsr(MSR_IA32_TSC_DEADLINE, 0);
	} else {
		insn_wrmsr(MSR_IA32_X2APIC_INIT_COUNT, 0);
	}
	insn_wrmsr(MSR_IA32_X2APIC_LVT_TIMER,
		   APIC_LVT_MASKED | LAPIC_VECTOR_TIMER);
}

static void send(u32 apic_id, u64 command)
{
	insn_fence_before_wrmsr(); /* rule: fence-before-wrmsr */
	insn_wrmsr(MSR_IA32_X2APIC_ICR,
		   (u64)apic_id << APIC_ICR_DEST_SHIFT | command);
}

void lapic_send_nmi(u32 apic_id)
{
	if (enabled) {
		send(apic_id, APIC_ICR_NMI | APIC_ICR_ASSERT);
	}
}

void lapic_send_init(u32 apic_id)
{
	send(apic_id, APIC_ICR_INIT | APIC_ICR_ASSERT | APIC_ICR_LEVEL);
}

void lapic_send_startup(u32 apic_id, u8 vector)
{
	send(apic_id, APIC_ICR_STARTUP | APIC_ICR_ASSERT | vector);
}

/* A CPU that kicks has its APIC enabled. */
void port_kick(struct cpu *cpu)
{
	insn_fence_before_wrmsr(); /* rule: fence-before-wrmsr */
	insn_wrmsr_low(MSR_IA32_X2APIC_ICR, APIC_ICR_NMI | APIC_ICR_ASSERT,
		       cpu->apic_id);
}
