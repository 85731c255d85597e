/* SPDX-License-Identifier: MIT */
/* Register access in both modes, and sending. */
#include "kernel/apic.h"
#include "kernel/cpu.h"
#include "kernel/trap.h"

#include "x86/msr.h"

#define XAPIC_PAGE     0xfee00000ull
#define XAPIC_ICR_HIGH 0x31
#define XAPIC_PENDING  BIT(12)
#define CPUID_X2APIC   BIT(21)
#define CPUID_DEADLINE BIT(24)

static bool is_x2;

static volatile u32 *xapic(u32 reg)
{
	return (volatile u32 *)(XAPIC_PAGE + (u64)reg * 16);
}

static void spurious(struct trap_frame *frame)
{
	(void)frame;
}

void apic_init(void)
{
	u64 base = cpu_rdmsr(MSR_IA32_APIC_BASE);

	if ((base & APIC_BASE_EXTD) == 0 &&
	    (cpu_cpuid(1, 0).ecx & CPUID_X2APIC) != 0) {
		cpu_wrmsr(MSR_IA32_APIC_BASE,
			  base | APIC_BASE_EN | APIC_BASE_EXTD);
		base = cpu_rdmsr(MSR_IA32_APIC_BASE);
	}
	is_x2 = (base & APIC_BASE_EXTD) != 0;
	trap_set_handler(APIC_SPURIOUS, spurious);
	apic_write(APIC_SVR, 0x100 | APIC_SPURIOUS);
	/* no interrupts of a PIC, nor of the timer that firmware used */
	apic_write(APIC_LINT0, APIC_LVT_MASKED);
	apic_write(APIC_TIMER, APIC_LVT_MASKED);
	apic_write(APIC_TPR, 0);
}

bool apic_is_x2(void)
{
	return is_x2;
}

bool apic_has_deadline(void)
{
	return (cpu_cpuid(1, 0).ecx & CPUID_DEADLINE) != 0;
}

u32 apic_read(u32 reg)
{
	if (is_x2) {
		return (u32)cpu_rdmsr(MSR_IA32_X2APIC_FIRST + reg);
	}
	return *xapic(reg);
}

void apic_write(u32 reg, u32 value)
{
	if (is_x2) {
		cpu_wrmsr(MSR_IA32_X2APIC_FIRST + reg, value);
	} else {
		*xapic(reg) = value;
	}
}

void apic_eoi(void)
{
	apic_write(APIC_EOI, 0);
}

void apic_send(u32 dest, u64 icr_low)
{
	/* WRMSR to x2APIC registers does not wait for earlier stores */
	cpu_fence();
	if (is_x2) {
		cpu_wrmsr(MSR_IA32_X2APIC_FIRST + APIC_ICR,
			  (u64)dest << 32 | icr_low);
		return;
	}
	while (*xapic(APIC_ICR) & XAPIC_PENDING) {
		cpu_pause();
	}
	*xapic(XAPIC_ICR_HIGH) = dest << 24;
	*xapic(APIC_ICR) = (u32)icr_low;
}
