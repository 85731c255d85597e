/* SPDX-License-Identifier: MIT */
/*
 * Panics on purpose. Each kind is a function that runs at a timer exit of any
 * CPU, while guests run on the others.
 */
#include "vmx/selftest_panic.h"

#include "core/console/log.h"
#include "core/port/port.h"
#include "core/state/machine.h"
#include "vmx/insn.h"
#include "x86/insn.h"
#include "x86/lapic.h"
#include "x86/msr.h"

static enum config_selftest asked;

static u32 arrived; /* any CPU, atomic: CPUs that are at the same place */

/* Three calls deep: what lethe.debug.backtrace has to find */
static __attribute__((noinline)) void inner(void)
{
	port_panic("selftest");
}

static __attribute__((noinline)) void middle(void)
{
	inner();
}

static __attribute__((noinline)) void outer(void)
{
	middle();
}

/* Waits up to a second until `count` CPUs have been here. */
static void meet(u32 count)
{
	u64 end = port_tsc() + machine.tsc_hz;

	__atomic_fetch_add(&arrived, 1, __ATOMIC_SEQ_CST);
	while (__atomic_load_n(&arrived, __ATOMIC_SEQ_CST) < count &&
	       (s64)(end - port_tsc()) > 0) {
		port_pause();
	}
}

static void by_one(const struct cpu *cpu)
{
	if (cpu->number == 0) {
		outer();
	}
}

/* Those with odd numbers have interrupts on. */
static void by_all(const struct cpu *cpu)
{
	meet(machine.cpu_count);
	if (cpu->number & 1) {
		insn_sti();
	}
	port_panic("selftest on cpu %u", cpu->number);
}

/* CPU 0 has the console's lock when it panics; the others wait for it. */
static void locked(const struct cpu *cpu)
{
	if (cpu->number == 0) {
		log_line("selftest", "last line before the lock");
		log_seize();
		meet(machine.cpu_count);
		port_panic("selftest with the lock");
	}
	meet(machine.cpu_count);
	log_line("selftest", "cpu %u has the lock", cpu->number);
	log_flush();
}

/*
 * The NMI handler faults at its first instruction. Bochs 2.7 then pushes RIP of
 * the interrupted code for the fault, not that of the handler, because an NMI
 * does not set what it restores at a fault.
 */
static void in_nmi(const struct cpu *cpu)
{
	if (cpu->number == 0) {
		insn_wrmsr(MSR_IA32_GS_BASE, 0);
		lapic_send_nmi(cpu->apic_id);
		for (;;) {
			port_pause();
		}
	}
}

/* The highest CPU stops for good without a word; then CPU 0 panics. */
static void deaf(const struct cpu *cpu)
{
	if (cpu->number == machine.cpu_count - 1) {
		__atomic_store_n(&arrived, 1, __ATOMIC_SEQ_CST);
		insn_vmxoff();
		/* SDM 3C: INIT is blocked in VMX operation only */
		lapic_send_init(cpu->apic_id);
		for (;;) {
			port_pause();
		}
	}
	if (cpu->number == 0 &&
	    __atomic_load_n(&arrived, __ATOMIC_SEQ_CST) != 0) {
		port_panic("selftest beside a dead cpu");
	}
}

static void (*const kinds[])(const struct cpu *cpu) = {
	[CONFIG_SELFTEST_PANIC] = by_one,
	[CONFIG_SELFTEST_PANIC_ALL] = by_all,
	[CONFIG_SELFTEST_PANIC_LOCKED] = locked,
	[CONFIG_SELFTEST_PANIC_NMI] = in_nmi,
	[CONFIG_SELFTEST_PANIC_REPORT] = by_one,
	[CONFIG_SELFTEST_PANIC_AGAIN] = by_one,
	[CONFIG_SELFTEST_PANIC_DEAF] = deaf,
};

void selftest_panic_ask(enum config_selftest what)
{
	if (what < ARRAY_SIZE(kinds) && kinds[what] != NULL) {
		asked = what;
	}
}

/* Whether each CPU has run a guest for a while; called by all of them. */
static bool all_are_busy(const struct cpu *cpu)
{
	static bool was_here[CPUS_MAX]; /* its CPU only */
	static u32 busy;                /* any CPU, atomic */

	if (!was_here[cpu->number]) {
		was_here[cpu->number] = true;
		__atomic_fetch_add(&busy, 1, __ATOMIC_SEQ_CST);
	}
	return __atomic_load_n(&busy, __ATOMIC_SEQ_CST) == machine.cpu_count;
}

void selftest_panic_tick(const struct cpu *cpu)
{
	if (UNLIKELY(asked != CONFIG_SELFTEST_NONE) && all_are_busy(cpu)) {
		kinds[asked](cpu);
	}
}

void selftest_panic_report(void)
{
	HV_ASSERT(asked != CONFIG_SELFTEST_PANIC_REPORT);
}
