/* SPDX-License-Identifier: MIT */
/* SDM 3A, "APIC Timer": the three modes, masking, and wake-up from HLT. */
#include "harness/tap.h"
#include "kernel/apic.h"
#include "kernel/cpu.h"
#include "kernel/irq.h"
#include "kernel/watchdog.h"
#include "suites/apic/apic_suite.h"

#include "x86/msr.h"

#define TIMER_VECTOR 0x51
#define TIMER_COUNT  50000
#define LONG_COUNT   1000000 /* no expiry between two lines, in emulators too */
#define TIMER_TICKS  100000

static void prepare(void)
{
	irq_count(TIMER_VECTOR);
	irq_reset();
	apic_write(APIC_DIVIDE, APIC_DIVIDE_BY_1);
}

static void finish(void)
{
	apic_write(APIC_INIT, 0);
	watchdog_arm();
}

void apic_check_one_shot(const void *arg)
{
	u32 first;
	u32 second;

	(void)arg;
	prepare();
	apic_write(APIC_TIMER, TIMER_VECTOR);
	apic_write(APIC_INIT, TIMER_COUNT);
	first = apic_read(APIC_CURRENT);
	second = apic_read(APIC_CURRENT);
	tap_at_most("count starts at most at", first, TIMER_COUNT);
	tap_true("it goes down", second <= first && second != 0);
	irq_wait(0, TIMER_VECTOR, 1);
	tap_equal("count at the end", apic_read(APIC_CURRENT), 0);
	irq_settle();
	irq_settle();
	irq_settle();
	tap_equal("fires once", irq_got(0, TIMER_VECTOR), 1);
	finish();
}

void apic_check_periodic(const void *arg)
{
	u64 start;

	(void)arg;
	prepare();
	apic_write(APIC_TIMER, APIC_TIMER_PERIODIC | TIMER_VECTOR);
	start = cpu_rdtsc();
	apic_write(APIC_INIT, TIMER_COUNT);
	irq_wait(0, TIMER_VECTOR, 4);
	tap_at_least("four periods", cpu_rdtsc() - start, TIMER_COUNT);
	apic_write(APIC_INIT, 0);

	u32 count = irq_got(0, TIMER_VECTOR);

	irq_settle();
	irq_settle();
	irq_settle();
	tap_equal("stops with count 0", irq_got(0, TIMER_VECTOR), count);
	finish();
}

void apic_check_deadline(const void *arg)
{
	u64 until;

	(void)arg;
	prepare();
	apic_write(APIC_TIMER, APIC_TIMER_DEADLINE | TIMER_VECTOR);
	cpu_fence();
	until = cpu_rdtsc() + TIMER_TICKS;
	cpu_wrmsr(MSR_IA32_TSC_DEADLINE, until);
	tap_equal("deadline reads back", cpu_rdmsr(MSR_IA32_TSC_DEADLINE),
		  until);
	irq_wait(0, TIMER_VECTOR, 1);
	tap_at_least("not before its time", cpu_rdtsc(), until);
	tap_equal("disarmed then", cpu_rdmsr(MSR_IA32_TSC_DEADLINE), 0);

	cpu_wrmsr(MSR_IA32_TSC_DEADLINE, 1);
	irq_wait(0, TIMER_VECTOR, 2);

	cpu_wrmsr(MSR_IA32_TSC_DEADLINE, cpu_rdtsc() + TIMER_TICKS);
	cpu_wrmsr(MSR_IA32_TSC_DEADLINE, 0);
	for (u32 i = 0; i < 8; i++) {
		irq_settle();
	}
	tap_equal("0 disarms", irq_got(0, TIMER_VECTOR), 2);
	/* in another mode the MSR reads as 0 and ignores writes */
	apic_write(APIC_TIMER, TIMER_VECTOR);
	cpu_wrmsr(MSR_IA32_TSC_DEADLINE, 5);
	tap_equal("ignored in one-shot mode", cpu_rdmsr(MSR_IA32_TSC_DEADLINE),
		  0);
	finish();
}

/*
 * Guests exist that write the count before the mode, which is one-shot until
 * then. The SDM says that the change disarms the timer; this check is about
 * what they rely on.
 */
void apic_check_mode_change(const void *arg)
{
	(void)arg;
	prepare();
	apic_write(APIC_TIMER, APIC_LVT_MASKED | TIMER_VECTOR);
	apic_write(APIC_INIT, LONG_COUNT);
	apic_write(APIC_TIMER, APIC_TIMER_PERIODIC | TIMER_VECTOR);
	tap_true("runs on", apic_read(APIC_CURRENT) != 0);
	irq_wait(0, TIMER_VECTOR, 3);
	finish();
}

void apic_check_timer_masked(const void *arg)
{
	(void)arg;
	prepare();
	apic_write(APIC_TIMER, APIC_LVT_MASKED | TIMER_VECTOR);
	apic_write(APIC_INIT, 1000);
	irq_settle();
	tap_equal("masked", irq_got(0, TIMER_VECTOR), 0);
	tap_equal("but it counts", apic_read(APIC_CURRENT), 0);
	finish();
}

void apic_check_hlt_timer(const void *arg)
{
	(void)arg;
	prepare();
	apic_write(APIC_TIMER, TIMER_VECTOR);
	for (u32 i = 1; i <= 8; i++) {
		cpu_cli();
		apic_write(APIC_INIT, TIMER_COUNT);
		cpu_sti_hlt();
		tap_equal("woken by the timer", irq_got(0, TIMER_VECTOR), i);
		if (irq_got(0, TIMER_VECTOR) != i) {
			break;
		}
	}
	finish();
}
